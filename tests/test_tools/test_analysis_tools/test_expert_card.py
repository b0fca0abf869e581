"""expert_card.py: the changed days, and the rows with answers of experts that are known."""

import json

import cv2
import numpy as np
import pytest

from nightgen.apis.files import write_picture
from nightgen.datasets.nightscape import Request, write_dataset
from nightgen.testing import random_picture
from nightgen.utils.cli import UsageError


@pytest.fixture
def tool(load_tool):
    return load_tool('tools/analysis_tools/expert_card.py')


def test_the_changes(tool):
    image = random_picture(64, 96)
    grey = tool.grey(image, 0)
    assert np.abs(grey[..., 1] - image.astype(float) @ (0.299, 0.587, 0.114)).max() < 1
    assert (grey[..., 0] == grey[..., 2]).all()
    noise = tool.noisy(np.full((96, 96, 3), 128, np.uint8), 3).astype(float) - 128
    assert noise.std() == pytest.approx(15, rel=0.03)
    assert np.array_equal(tool.noisy(image, 3), tool.noisy(image, 3))
    assert not np.array_equal(tool.noisy(image, 3), tool.noisy(image, 4))
    assert tool.blurred(image, 0).std() < image.std()


def test_rows_of_experts_whose_answers_are_the_truth(tool, tmp_path, capsys):
    """Label maps and boxes made elsewhere stand for the experts: with the true ones every row is 100."""
    write_dataset(tmp_path / 'world', Request(size=(160, 96), train=0, val=2, test=0))
    scenes = tmp_path / 'world/val'
    experts = tmp_path / 'experts.py'
    found = json.loads((scenes / 'boxes_day.json').read_text())
    names = {image['id']: image['file_name'] for image in found['images']}
    assert names
    experts.write_text(
        f"segmentation_expert = dict(type='FolderSegmentationExpert', folder={str(scenes / 'label')!r})\n"
        f"detection_expert = dict(type='FolderDetectionExpert', file={str(scenes / 'boxes_day.json')!r}, "
        "class_map='cityscapes')\n")
    empty = np.zeros((96, 160), np.uint8)
    for name in names.values():
        write_picture(tmp_path / 'other' / name, empty)
    out = tmp_path / 'card.json'
    assert tool.main([str(scenes), '--experts', str(experts), '--json', str(out),
                      '--also', 'another', str(scenes / 'night'), str(tmp_path / 'other')]) == 0
    text = capsys.readouterr().out
    rows = json.loads(out.read_text())['rows']
    assert list(rows) == ['true day', 'blurred day', 'noisy day', 'grey day', 'night', 'thermal', 'another']
    for name in list(rows)[:6]:
        assert rows[name]['mIoU'] == pytest.approx(100)
        assert rows[name]['mAP'] > 99  # boxes that are ignored are among the answers
    label = np.stack([cv2.imread(str(scenes / 'label' / name), 0) for name in names.values()])
    assert rows['another']['mIoU'] == pytest.approx(100 * (label == 0).mean())  # all road, one class in the mean
    assert text.count('Nightscape 2.0') == 2 and 'another' in text.split('mAP')[0]


def test_a_folder_that_is_not_rendered(tool, tmp_path):
    with pytest.raises(UsageError, match='is no part of a rendered Nightscape'):
        tool.main([str(tmp_path)])
