"""tools/analysis_tools/show_labels.py: neighbours and responses by hand, and the pictures of a tiny MornGAN."""

import math
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from nightgen.datasets.samplers.memory_guided import MemoryGuidedPairing, Row
from nightgen.models.losses import AdaptiveCollaborativeAttentionLoss
from nightgen.registry import DATASETS, MODELS
from nightgen.utils.cli import UsageError
from nightgen.utils.images import read_image
from tests.test_morngan_run import config, write_world

BOXES = [(0, 8, 128, 128), (0, 16, 128, 128), (0, 24, 128, 128), (0, 32, 128, 128)]


@pytest.fixture
def tool(load_tool) -> ModuleType:
    return load_tool('tools/analysis_tools/show_labels.py')


@pytest.fixture
def folder(tmp_path: Path, configs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config, and a checkpoint of networks that see persons everywhere, with a memory of four images."""
    write_world(tmp_path)
    monkeypatch.chdir(tmp_path)
    cfg = config(configs_dir, tmp_path, 'run')
    cfg.dump(tmp_path / 'tiny.py')
    init_default_scope('nightgen')
    model = MODELS.build(cfg.model)
    with torch.no_grad():
        for network in model.segmentors.values():
            network.head.classifier.bias[11] = 1000
    rows = [[draw, draw, list(box), [0, 0, 5, draw, 0, 0]] for draw, box in enumerate(BOXES)]
    torch.save(dict(state_dict=model.state_dict(), meta={}, shared_run_state=dict(
        pairing=dict(classes=[6, 7, 11, 14, 15, 17], rows=rows))), tmp_path / 'tiny.pth')
    return tmp_path


def test_pictures_of_a_run(tool, folder: Path, capsys: pytest.CaptureFixture):
    assert tool.main(['tiny.py', 'tiny.pth', '--out-dir', 'seen', '--number', '2']) == 0
    assert capsys.readouterr().out.split() == ['seen/labels.png', 'seen/memory.png', 'seen/attention.png']
    labels, memory = read_image('seen/labels.png'), read_image('seen/memory.png')
    # day, label, denoised, completed; thermal, sure, agreed, own; translation: nine of 128 with gaps of 4;
    # and day, label, the memory's four images and an empty column
    assert labels.shape[1] == 9 * 128 + 10 * 4 and memory.shape[1] == 6 * 128 + 8 * 4
    row = labels[-4 - 64]
    assert {tuple(row[4 + column * 132 + 64]) for column in (5, 6, 7)} == {(220, 20, 60)}  # persons everywhere
    assert len({tuple(pixel) for pixel in row[136:264].tolist()}) > 10  # the map of all classes
    again = Path('seen/memory.png').read_bytes()
    tool.main(['tiny.py', 'tiny.pth', '--out-dir', 'seen', '--number', '2'])
    assert Path('seen/memory.png').read_bytes() == again


@pytest.mark.parametrize(('least', 'colour'), [(0.6, (220, 20, 60)), (0.8, (0, 0, 0))])
def test_sure_is_what_reaches_the_threshold_of_the_config(tool, folder: Path, least: float, colour: tuple):
    """Persons everywhere with a probability of 0.7; the background's threshold is not asked."""
    checkpoint = torch.load('tiny.pth')
    for domain in ('day', 'thermal'):
        for name in ('weight', 'bias'):
            checkpoint['state_dict'][f'segmentors.{domain}.head.classifier.{name}'].zero_()
        checkpoint['state_dict'][f'segmentors.{domain}.head.classifier.bias'][11] = math.log(0.7 / 0.3 * 18)
    torch.save(checkpoint, 'less_sure.pth')
    tool.main(['tiny.py', 'less_sure.pth', '--out-dir', 'seen', '--number', '1', '--cfg-options',
               *(f'model.tensors.{place}.{key}={least + more}' for place in (1, 2)
                 for key, more in (('threshold', 0), ('background_threshold', 0.1)))])
    assert tuple(read_image('seen/labels.png')[-4 - 64, 4 + 5 * 132 + 64]) == colour


def test_the_remembered_window_is_shown(tool, folder: Path):
    init_default_scope('nightgen')
    dataset = DATASETS.build(Config.fromfile('tiny.py').train_dataloader.dataset)
    rule = MemoryGuidedPairing(delay=0)
    rule.remember([Row(5, 2, (0, 24, 128, 128), (0, 0, 5, 0, 0, 0))])
    day, label = np.zeros((128, 128, 3), np.uint8), np.full((128, 128), 11)
    shown = tool.memory_row(rule, dataset, day, label)
    path = dataset.datasets['thermal'].get_data_info(2)['img_path']
    np.testing.assert_array_equal(shown[2], read_image(path)[:, 24:152])
    assert shown[3:] == [None] * 4 and (shown[1] == (220, 20, 60)).all()
    road = np.zeros((128, 128), int)
    assert tool.memory_row(rule, dataset, day, road)[2:] == [None] * 5  # no rare class, no neighbour


def test_the_nearest_against_brute_force(tool):
    rng = np.random.RandomState(0)
    rule = MemoryGuidedPairing(delay=0)
    counts = rng.randint(0, 5, (30, 6))
    rule.remember(Row(n, n, (0, 0, 4, 4), tuple(map(int, own))) for n, own in enumerate(counts))
    label = np.array([[6, 6, 11, 17], [0, 255, 11, 11]])
    query = np.array([2, 0, 3, 0, 0, 1]) - 1.0
    cosine = [own @ query / np.linalg.norm(own) / np.linalg.norm(query) if own.any() else 0.0
              for own in counts - counts.mean(axis=1, keepdims=True)]
    found = tool.nearest_rows(rule, label)
    assert [similarity for similarity, _ in found] == pytest.approx(sorted(cosine)[:-6:-1])
    assert all(cosine[place] == pytest.approx(similarity) for similarity, place in found)


def test_responses_by_hand(tool):
    """One cluster, the mean of persons along x: the translation's persons lie along y, on the diagonal and along x."""
    loss = AdaptiveCollaborativeAttentionLoss(num_clusters=1)
    real = torch.tensor([[1.0, 3, 9], [0, 0, 9]])[None, :, None]
    fake = torch.tensor([[0.0, 1, 2], [5, 1, 0]])[None, :, None]
    reads = dict(real_features=real, fake_features=fake, real_label=torch.tensor([[[11, 11, 0]]]),
                 fake_label=torch.tensor([[[11, 11, 11]]]))
    (group, (found, made)), = tool.response_maps(loss, reads).items()
    assert group == 'person' and found.tolist() == [[1, 1, 0]]
    assert made[0].tolist() == pytest.approx([0, 0.5 ** 0.5, 1])
    assert tool.response_maps(loss, {**reads, 'fake_label': torch.tensor([[[0, 0, 0]]])}) == {}


def test_what_is_not_there_is_said(tool, folder: Path, capsys: pytest.CaptureFixture):
    checkpoint = torch.load('tiny.pth', weights_only=True)
    checkpoint['shared_run_state']['pairing']['rows'] = []
    torch.save(checkpoint, 'empty.pth')
    tool.main(['tiny.py', 'empty.pth', '--number', '1'])
    assert 'no memory.png: the memory is empty' in capsys.readouterr().out
    with pytest.raises(UsageError, match='--number'):
        tool.main(['tiny.py', 'tiny.pth', '--number', '0'])
