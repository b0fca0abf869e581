"""tools/pseudo_label: an expert's answers for a folder, read back by the experts of folders."""

import numpy as np
import pytest
import torch
from mmengine.config import Config

from nightgen.apis.files import write_picture
from nightgen.apis.pseudo_labels import batches
from nightgen.datasets.transforms import CannyEdges
from nightgen.models.experts import (
    CITYSCAPES_CLASSES,
    DetectionExpert,
    FolderDetectionExpert,
    FolderSegmentationExpert,
    SegmentationExpert,
)
from nightgen.testing import random_picture, write_pictures
from nightgen.utils.images import image_to_tensor, read_image, write_image

CLASSES = ('person', 'bicycle', 'car')


@pytest.fixture(scope='module')
def experts(tmp_path_factory):
    for module in ('mmcv._ext', 'mmseg', 'mmdet'):
        pytest.importorskip(module, reason=f'{module} is not installed')
    from nightgen.testing.experts import save_tiny_weights, tiny_detector, tiny_segmentor
    folder = tmp_path_factory.mktemp('experts')
    found = {}
    for name, config, classes, kind in (('segmentation', tiny_segmentor(), CITYSCAPES_CLASSES, SegmentationExpert),
                                        ('detection', tiny_detector(), CLASSES, DetectionExpert)):
        Config(config).dump(str(folder / f'{name}.py'))
        weights = save_tiny_weights(config, folder / f'{name}.pth', classes)
        table = 'cityscapes' if name == 'segmentation' else 'coco'
        expert = dict(type=kind.__name__, config=str(folder / f'{name}.py'), checkpoint=str(weights), class_map=table)
        Config({f'{name}_expert': expert}).dump(str(folder / f'{name}_expert.py'))
        found[name] = (folder / f'{name}_expert.py', kind(config, weights, class_map=table))
    return found


def pictures(folder, names):
    return torch.stack([image_to_tensor(read_image(str(folder / name))) for name in names])


def test_label_maps_of_a_folder(experts, tmp_path, load_tool, capsys):
    tool, (file, expert) = load_tool('tools/pseudo_label/segment.py'), experts['segmentation']
    names = ['cam/a.png', 'cam/b.jpg', 'c.png']
    write_pictures(tmp_path / 'in', names=names, size=(32, 40))
    write_pictures(tmp_path / 'in', names=['d.png'], size=(24, 32))
    command = [str(file), str(tmp_path / 'in'), str(tmp_path / 'out'), '--batch-size', '2']
    assert tool.main(command) == 0
    images = pictures(tmp_path / 'in', names)
    read = FolderSegmentationExpert(tmp_path / 'out')(images, ['cam/a', 'cam/b', 'c'])
    assert (read == expert(images)).float().mean() > 0.999
    assert read_image(str(tmp_path / 'out/d.png'), 'label').shape == (24, 32)
    before = (tmp_path / 'out/d.png').stat().st_mtime_ns
    assert tool.main(command) == 0 and 'all 4 label maps are there' in capsys.readouterr().out
    assert (tmp_path / 'out/d.png').stat().st_mtime_ns == before


def test_boxes_of_a_folder(experts, tmp_path, load_tool):
    tool, (file, expert) = load_tool('tools/pseudo_label/detect.py'), experts['detection']
    names = ['a.png', 'cam/b.png']
    write_pictures(tmp_path / 'in', names=names, size=(32, 40))
    out = tmp_path / 'out/boxes.json'
    assert tool.main([str(file), str(tmp_path / 'in'), str(out), '--score-threshold', '0.01']) == 0
    images = pictures(tmp_path / 'in', names)
    for read, found in zip(FolderDetectionExpert(out)(images, ['a', 'cam/b']), expert(images), strict=True):
        kept = found['scores'] >= 0.01
        np.testing.assert_allclose(read['bboxes'], found['bboxes'][kept], atol=0.05)
        np.testing.assert_allclose(read['scores'], found['scores'][kept], atol=1e-4)


def test_edge_maps_of_a_folder(tmp_path, load_tool, capsys):
    tool = load_tool('tools/pseudo_label/edges.py')
    write_pictures(tmp_path / 'in', names=['cam/a.png', 'b.jpg'], size=(32, 40))
    command = [str(tmp_path / 'in'), str(tmp_path / 'out'), '--low', '0.05', '--high', '0.3', '--blur', '1']
    assert tool.main(command) == 0
    for name in ('cam/a.png', 'b.jpg'):
        image = read_image(str(tmp_path / 'in' / name))
        written = read_image(str((tmp_path / 'out' / name).with_suffix('.png')), 'label')
        np.testing.assert_array_equal(written, CannyEdges(0.05, 0.3, 1)(dict(img=image))['edges'][..., 0])
    (tmp_path / 'out/b.png').unlink()
    before = (tmp_path / 'out/cam/a.png').stat().st_mtime_ns
    assert tool.main(command) == 0 and '2 edge maps, 1 of them made now' in capsys.readouterr().out
    assert (tmp_path / 'out/cam/a.png').stat().st_mtime_ns == before and (tmp_path / 'out/b.png').is_file()
    assert sorted(path.name for path in (tmp_path / 'out').rglob('*')) == ['a.png', 'b.png', 'cam']  # nothing half-made


def test_a_range_is_stated_for_counts(tmp_path, load_tool):
    """Edges of counts in a narrow band are those of the picture that they make over 8 bits."""
    shallow = random_picture(24, 32, channels=1)
    for folder, picture in (('shallow', shallow), ('counts', shallow.astype(np.uint16) + 7000)):
        (tmp_path / folder).mkdir()
        write_image(str(tmp_path / folder / 'a.png'), picture)
    tool = load_tool('tools/pseudo_label/edges.py')
    assert tool.main([str(tmp_path / 'shallow'), str(tmp_path / 'edges')]) == 0
    assert tool.main([str(tmp_path / 'counts'), str(tmp_path / 'stated'), '--range', '7000,7255']) == 0
    edges = read_image(str(tmp_path / 'edges/a.png'), 'label')
    assert 0 < (edges > 0).mean() < 1 and np.array_equal(read_image(str(tmp_path / 'stated/a.png'), 'label'), edges)
    (names, batch), = batches(tmp_path / 'counts', 4, (7000, 7255))
    assert names == ['a.png'] and np.array_equal(batch[0, 0].numpy(), shallow)
    with pytest.raises(ValueError, match='range is one of'):
        tool.main([str(tmp_path / 'counts'), str(tmp_path / 'other'), '--range', 'loud'])


FUSED = [[11, 255, 13, 14, 255, 2], [8, 8, 255, 10, 10, 10]]


@pytest.mark.parametrize('denoised', [True, False])
def test_labels_of_two_experts(tmp_path, load_tool, capsys, denoised):
    """By hand: a person, a rider that is none, a car, a truck, a car that is none, a building; then denoising."""
    tool = load_tool('tools/pseudo_label/fuse.py')
    semantic = np.array([[11, 12, 13, 13, 13, 2], [8, 8, 8, 10, 10, 10]], np.uint8)
    panoptic = np.array([[11, 13, 13, 14, 0, 2], [8, 8, 8, 8, 8, 8]], np.uint8)
    picture = np.zeros((2, 6, 3), np.uint8)
    picture[1] = np.array([0, 0, 80, 100, 100, 40])[:, None]
    for folder, array in dict(pictures=picture, semantic=semantic, panoptic=panoptic).items():
        for name in ('cam/a.png', 'b.png'):
            write_picture(tmp_path / folder / name, array)
    command = [str(tmp_path / name) for name in ('semantic', 'panoptic', 'pictures', 'out')]
    assert tool.main([*command, '--device', 'cpu', *([] if denoised else ['--no-denoise'])]) == 0
    for name in ('cam/a.png', 'b.png'):
        written = read_image(str(tmp_path / 'out' / name), 'label')
        fused = np.array(FUSED)
        if not denoised:
            fused[1, 2] = 8
        np.testing.assert_array_equal(written, fused)
    assert tool.main(command) == 0 and 'all 2 label maps are there' in capsys.readouterr().out


def test_labels_of_two_models(experts, tmp_path, load_tool):
    """The same model twice: its own labels; a rider counts where the other sees a person, so here never."""
    tool, (file, expert) = load_tool('tools/pseudo_label/fuse.py'), experts['segmentation']
    write_pictures(tmp_path / 'in', names=['a.png', 'b.png'], size=(32, 40))
    assert tool.main([str(file), str(file), str(tmp_path / 'in'), str(tmp_path / 'out'), '--no-denoise']) == 0
    images = pictures(tmp_path / 'in', ['a.png', 'b.png'])
    own = expert(images)
    read = FolderSegmentationExpert(tmp_path / 'out')(images, ['a', 'b'])
    own[own == 12] = 255
    assert (read == own).float().mean() > 0.999


@pytest.mark.parametrize('tool', ['segment', 'detect', 'edges', 'fuse'])
def test_help_has_an_example(tool, run_tool):
    done = run_tool(f'tools/pseudo_label/{tool}.py', '--help')
    assert 'example:' in done.stdout and f'tools/pseudo_label/{tool}.py' in done.stdout


def test_mistakes_end_with_a_message(tmp_path, run_tool):
    write_pictures(tmp_path, number=1)
    done = run_tool('tools/pseudo_label/segment.py', 'nightgen::_base_/experts/rtmdet_m_coco.py', tmp_path,
                    tmp_path / 'out', check=False)
    assert done.returncode == 2 and 'no segmentation expert' in done.stderr and 'Traceback' not in done.stderr
    done = run_tool('tools/pseudo_label/detect.py', 'nightgen::_base_/experts/rtmdet_m_coco.py', tmp_path,
                    tmp_path / 'out.txt', check=False)
    assert done.returncode == 2 and 'ending in .json' in done.stderr
    done = run_tool('tools/pseudo_label/edges.py', tmp_path, tmp_path / 'edges', '--low', '0.5', check=False)
    assert done.returncode == 2 and 'low < high' in done.stderr and 'Traceback' not in done.stderr
    done = run_tool('tools/pseudo_label/edges.py', tmp_path, tmp_path, check=False)
    assert done.returncode == 2 and 'would overwrite an input' in done.stderr
