"""Label sets: the released list of 60 labels, its palette, other orders found by name, stored values."""

import json

import numpy as np
import pytest

from nightgen.structures.class_maps import CITYSCAPES_CLASSES
from nightgen.structures.label_sets import label_set_names, label_table, load_label_set, read_labels

# specs/semantic_colorization 5.
RELEASED = (
    'background aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person '
    'pottedplant sheep sofa train tvmonitor bag bed bench book building cabinet ceiling clothes computer cup door '
    'fence floor flower food grass ground keyboard light mountain mouse curtain platform sign plate road rock '
    'shelves sidewalk sky snow bedcloth track tree truck wall water window wood').split()


def test_the_shipped_sets():
    assert label_set_names() == ['camvid', 'cityscapes', 'pascal_context']
    context = load_label_set('pascal_context')
    assert list(context.classes) == RELEASED and context.unlabelled == 0 and len(RELEASED) == 60
    cityscapes = load_label_set('cityscapes')
    assert cityscapes.classes == (*CITYSCAPES_CLASSES, 'unlabelled') and cityscapes.unlabelled == 19
    assert load_label_set('camvid').unlabelled == 11
    for name in label_set_names():
        found = load_label_set(name)
        assert len(set(found.palette)) == len(found.classes) and np.array(found.palette).shape[1] == 3


def test_the_palette_interleaves_bits():
    """Three bits of the class a step, to red, green and blue from the most significant bit down."""
    for number, colour in enumerate(load_label_set('pascal_context').palette):
        bits = f'{number:06b}'
        assert colour == tuple(128 * int(bits[5 - channel]) + 64 * int(bits[2 - channel]) for channel in range(3))


def test_orders_of_mmseg_and_of_the_dataset():
    segmentation = pytest.importorskip('mmseg.datasets', reason='mmseg is not installed')
    context = load_label_set('pascal_context')
    theirs = segmentation.PascalContextDataset.METAINFO['classes']
    table = label_table('pascal_context:mmseg')
    assert table[:60].tolist() == context.numbers(theirs) and sorted(table[:60]) == list(range(60))
    assert context.classes[table[50]] == 'diningtable' and table[255] == 255 and (table[60:255] == -1).all()
    # the dataset's own numbers keep their alphabetical order
    native = label_table('pascal_context:native')
    stored = [value for value in range(460) if native[value] > 0]
    assert len(stored) == 59 and native[stored].tolist() == table[1:60].tolist()
    assert native[1] == 0 and native[459] == 0  # no frequent class: background


def test_coco_stuff():
    segmentation = pytest.importorskip('mmseg.datasets', reason='mmseg is not installed')
    context, table = load_label_set('pascal_context'), label_table('pascal_context:coco_stuff')
    for value, name in ((0, 'person'), (2, 'car'), (61, 'chair'), (156, 'sky'),
                        (123, 'grass'), (148, 'road'), (168, 'tree'), (254, 'background'), (12, 'sign')):
        assert context.classes[table[value]] == name, value
    # every name that both data sets have means the same
    names = segmentation.COCOStuffDataset.METAINFO['classes']
    absent = {11, 25, 28, 29, 44, 65, 67, 68, 70, 82, 90}
    by_value = dict(zip([value for value in range(182) if value not in absent], names, strict=True))
    for value, name in by_value.items():
        if name in context.classes:
            assert context.classes[table[value]] == name


@pytest.mark.parametrize('name', ['camvid', 'cityscapes'])
def test_exchanged_classes(name: str):
    classes = len(load_label_set(name).classes)
    table = label_table(f'{name}:exchanged')[:classes]
    assert sorted(table) == list(range(classes)) and not (table == np.arange(classes)).any()
    assert table[table].tolist() == list(range(classes))


def test_reading_maps():
    stored = np.array([[0, 59, 255], [14, 50, 1]], np.uint8)
    assert read_labels(stored, 'pascal_context').tolist() == stored.tolist()
    assert read_labels(stored, 'pascal_context:mmseg').tolist() == [[0, 59, 255], [7, 11, 1]]
    with pytest.raises(ValueError, match=r"mine.png holds \[59\], which are no class of the label set 'camvid'"):
        read_labels(stored[:1], 'camvid', 'mine.png')
    with pytest.raises(KeyError, match="no reading 'voc'"):
        label_table('pascal_context:voc')
    with pytest.raises(KeyError, match='has no zebra'):
        load_label_set('camvid').numbers(['car', 'zebra'])


def test_sets_of_ones_own(tmp_path):
    path = tmp_path / 'mine.json'
    path.write_text(json.dumps(dict(classes=dict(none=[0, 0, 0], tree=[0, 9, 0]), background='none')))
    assert load_label_set(path).classes == ('none', 'tree')
    (tmp_path / 'bad.json').write_text('{}')
    with pytest.raises(ValueError, match='bad.json is no label set'):
        load_label_set(tmp_path / 'bad.json')
    with pytest.raises(FileNotFoundError, match='camvid, cityscapes, pascal_context'):
        load_label_set('ade20k')
