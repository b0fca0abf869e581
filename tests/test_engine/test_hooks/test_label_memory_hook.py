"""Runs whose pairs a memory guides: what was shown is checked row by row, and is the same however the run is made."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.dist import all_gather_object
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor, nn

from nightgen.registry import HOOKS, MODELS
from nightgen.testing import run_processes, small_run, write_domains
from nightgen.utils.images import read_image, write_image

DELAY = 12  # of two workers, each two batches of two ahead: (2 * 2 + 1) * 2, and with two processes of one the same
CLASSES, PICTURES, BEGIN, ITERATIONS = (6, 11, 14), 5, 3, 36


@MODELS.register_module(force=True)
class ThreeTones(nn.Module):
    """A label map of a dark image: lights, persons, trucks and road by brightness."""

    def forward(self, image: Tensor) -> Tensor:
        numbers = torch.tensor([0, *CLASSES])
        return numbers[(image[:, 0] + 1).mul(8).long().clamp(0, 3)]


@HOOKS.register_module(force=True)
class ShownHook(Hook):
    """Keeps what every process was shown: (draw, night, its crop box, day, its crop box)."""

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        own = [(meta['draw'], *(tuple(meta[key][domain]) if key == 'crop_box' else int(meta[key][domain])
                                for domain in ('night', 'day') for key in ('sample_idx', 'crop_box')))
               for meta in (sample.metainfo for sample in data_batch['data_samples'])]
        runner.shown = [*getattr(runner, 'shown', ()), *(row for part in all_gather_object(own) for row in part)]
        runner.keeps = [*getattr(runner, 'keeps', ()), runner.model.module.keep if hasattr(
            runner.model, 'module') else runner.model.keep]


def config(folder: str, name: str, workers: int = 0, batch_size: int = 2, **settings):
    def images(domain: str, *load: dict, **beside) -> dict:
        pipeline = [dict(type='LoadImage'), *load, dict(type='RandomCropImages', crop_size=32),
                    dict(type='RandomFlipTranspose'), dict(type='PackTranslationInputs')]
        return dict(_delete_=True, type='ImageFolderDataset', data_root=f'{folder}/data', data_prefix=dict(img=domain),
                    pipeline=pipeline, serialize_data=False, **beside)

    return small_run(f'{folder}/data', f'{folder}/{name}', workers=workers, **{
        'max_iters': ITERATIONS, 'train_dataloader.batch_size': batch_size,
        'train_dataloader.dataset.night': images('night'),
        'train_dataloader.dataset.day': images('day', dict(type='LoadImage', key='label', mode='label'),
                                               beside=dict(label='label_day')),
        'train_dataloader.dataset.pairing': dict(type='MemoryGuidedPairing', delay=DELAY, memory='night', k=2,
                                                 classes=CLASSES),
        'model.tensors': [dict(type='ThreeTones', name='tones_night', reads=dict(image='real_night'))],
        'custom_hooks': [dict(type='LabelMemoryHook', label='tones_night', begin=BEGIN, by_epoch=False),
                         dict(type='ShownHook', priority='LOW')], **settings})


def run(*args, **settings) -> dict:
    runner = Runner.from_cfg(config(*args, **settings))
    runner.train()
    model = getattr(runner.model, 'module', runner.model)
    return dict(shown=runner.shown, rows=[tuple(row) for row in runner.train_dataloader.dataset.pairing.rows],
                weights=[p.detach().clone() for p in model.generators.parameters()], keeps=runner.keeps)


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('memory')
    write_domains(folder / 'data', count=PICTURES)
    rng = np.random.default_rng(0)
    for index in range(PICTURES):
        label = np.full((40, 40), 255 if index == 4 else 0, np.uint8)  # the last day has no rare class
        if index < 4:
            label[:, 20:] = rng.choice(CLASSES, (40, 20)) if index else 11
        (folder / 'data/label_day').mkdir(exist_ok=True)
        write_image(str(folder / f'data/label_day/{index:04d}.png'), label)
    return folder


@pytest.fixture(scope='module')
def alone(folder: Path) -> dict:
    """What one process without workers ends with."""
    return run(str(folder), 'alone')


def same(a: dict, b: dict) -> bool:
    return a['rows'] == b['rows'] and all(x.equal(y) for x, y in zip(a['weights'], b['weights'], strict=True))


def cosine(a, b) -> float:
    a, b = np.asarray(a) - np.mean(a), np.asarray(b) - np.mean(b)
    return 0.0 if not a.any() or not b.any() else float(a @ b) / float(np.sqrt(a @ a) * np.sqrt(b @ b))


def test_every_pair_follows_the_rule(folder, alone):
    """Brute force over all draws: random, then not remembered ones, then the most similar with the remembered crop."""
    assert [row[0] for row in alone['shown']] == list(range(2 * ITERATIONS))
    phases = dict(random=0, unseen=0, guided=0, nothing_rare=0)
    for draw, night, night_box, day, day_box in alone['shown']:
        old = {row[1]: row for row in alone['rows'] if row[0] < draw - DELAY}
        if len(old) < PICTURES / 2:
            phases['random'] += 1
        elif len(old) < PICTURES:
            phases['unseen'] += 1
            assert night not in old
        else:
            top, left, height, width = day_box
            label = read_image(str(folder / f'data/label_day/{day:04d}.png'), 'label')
            counts = [int((label[top:top + height, left:left + width] == number).sum()) for number in CLASSES]
            if not any(counts):
                phases['nothing_rare'] += 1
                continue
            phases['guided'] += 1
            similarity = {index: cosine(row[3], counts) for index, row in old.items()}
            assert similarity[night] >= sorted(similarity.values())[-2] - 1e-9
            assert night_box == old[night][2]
    assert min(phases.values()) > 3, phases


def test_rows_are_what_was_shown(folder, alone):
    """Each night once, with the first crop after the beginning, and the counts of that crop's label."""
    first = {}
    for draw, night, box, *_ in alone['shown'][2 * BEGIN:]:
        first.setdefault(night, (draw, night, box))
    assert [row[:3] for row in alone['rows']] == sorted(first.values())
    for _, night, (top, left, height, width), counts in alone['rows']:
        red = read_image(str(folder / f'data/night/{night:04d}.png'))[top:top + height, left:left + width, 0]
        tone = np.floor((red / 127.5) * 8 + 1e-4).clip(0, 3)
        assert counts == tuple(int((tone == number).sum()) for number in (1, 2, 3))
    assert len({row[3] for row in alone['rows']}) == PICTURES


def test_the_label_is_kept_only_while_the_memory_fills(alone):
    kept = ['tones_night' in keep for keep in alone['keeps']]
    full = max(row[0] for row in alone['rows']) // 2
    assert kept == [BEGIN <= iteration <= full for iteration in range(ITERATIONS)] and full < ITERATIONS - 10


def test_two_workers_make_the_same_run(folder, alone):
    other = run(str(folder), 'workers', 2)
    assert other['shown'] == alone['shown'] and same(other, alone)


@pytest.mark.parametrize('stop', [2, 8, 30])
def test_a_resume_carries_the_memory(folder, alone, stop):
    """Before the beginning, while it fills, and when it guides."""
    run(str(folder), f'first_{stop}', max_iters=stop)
    checkpoint = str(folder / f'first_{stop}/iter_{stop}.pth')
    resumed = run(str(folder), f'resumed_{stop}', 2, resume=True, load_from=checkpoint)
    assert resumed['shown'] == alone['shown'][2 * stop:] and same(resumed, alone)


def in_a_process(folder: str, load_from: str) -> dict:
    return run(folder, 'two', 2, batch_size=1, launcher='pytorch', resume=True, load_from=load_from, max_iters=30)


def test_from_one_process_to_two_and_back(folder, alone):
    """Two processes take over while the memory fills, and one again when it guides."""
    run(str(folder), 'one', max_iters=10)
    both = run_processes(in_a_process, 2, str(folder), str(folder / 'one/iter_10.pth'))
    for rank in both:
        assert sorted(rank['shown']) == alone['shown'][20:60] and rank['rows'] == alone['rows']
    assert same(*both)
    back = run(str(folder), 'back', resume=True, load_from=str(folder / 'two/iter_30.pth'))
    assert back['shown'] == alone['shown'][60:] and back['rows'] == alone['rows']


def test_a_beginning_in_epochs(folder):
    found = run(str(folder), 'epochs', **{
        'train_cfg': dict(_delete_=True, type='ResumableEpochLoop', max_epochs=3),
        'custom_hooks': [dict(type='LabelMemoryHook', label='tones_night', begin=2), dict(type='ShownHook')]})
    assert [bool(keep) for keep in found['keeps']] == [False] * 6 + [True] * 3  # three iterations an epoch
    assert min(row[0] for row in found['rows']) == 2 * PICTURES


@pytest.mark.parametrize(('settings', 'message'), [
    ({'train_dataloader.dataset.pairing': dict(type='RandomPairing')}, 'pairs by RandomPairing'),
    ({'custom_hooks': [dict(type='LabelMemoryHook', label='tones_day')]}, "no tensor 'tones_day'; there are"),
    ({'custom_hooks': [dict(type='LabelMemoryHook', label='tones_night', begin=3)]}, 'begin=3 counts epochs'),
    ({'train_dataloader.num_workers': 2, 'train_dataloader.batch_size': 3}, 'has delay=12 draws, and 2 workers'),
])
def test_what_cannot_work_is_refused_before_training(folder, settings, message):
    with pytest.raises(ValueError, match=message):
        run(str(folder), 'refused', **settings)
