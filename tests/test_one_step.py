"""docs/one_step.md: an image from the file to the gradient, each stage as the page has it."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.runner import Runner

from nightgen.models.translators.tensors import Tensors
from nightgen.testing import small_run, write_domains
from nightgen.utils.images import read_image
from nightgen.utils.seeding import Draw

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    write_domains(tmp_path / 'data')
    collate = {'train_dataloader.collate_fn': dict(type='stack_collate')}
    return Runner.from_cfg(small_run(tmp_path / 'data', tmp_path / 'run', max_iters=1, **collate))


def test_the_stages(runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    loader = runner.build_dataloader(runner._train_dataloader)
    draw = next(iter(loader.sampler))
    assert isinstance(draw, Draw)
    dataset = loader.dataset
    assert set(dataset.pair(draw)) == {'night', 'day'}
    sample = dataset[draw]
    image, meta = sample['inputs']['real_night'], sample['data_samples'].metainfo
    assert image.dtype == torch.uint8 and image.shape == (3, 32, 32)
    file = read_image(meta['img_path']['night'])
    crops = [file[top:top + 32, left:left + 32] for top in range(9) for left in range(9)]
    assert any(np.array_equal(image.permute(1, 2, 0).numpy(), view)
               for crop in crops for view in (crop, crop[:, ::-1]))
    batch = next(iter(loader))
    assert batch['inputs']['real_night'].shape[1:] == (3, 32, 32)
    assert batch['inputs']['real_night'].dtype == torch.uint8

    model = runner.model.module if hasattr(runner.model, 'module') else runner.model
    optimizers = runner.build_optim_wrapper(runner.optim_wrapper)
    generator = model.generators['day']
    events, originals = [], {player: optimizers[player].step for player in optimizers.keys()}
    monkeypatch.setattr(Tensors, 'release', lambda self, players, release=Tensors.release: (
        release(self, players), events.append(('released', *players, self.read('fake_day', ()).requires_grad)))[0])
    monkeypatch.setattr(generator, 'forward', lambda x, forward=generator.forward: (
        events.append(('generator', float(x.min()) >= -1 and float(x.max()) <= 1)), forward(x))[1])
    for player, step in originals.items():
        optimizers[player].step = lambda parameters, player=player, step=step: (
            events.append(('step', player, all(p.grad is not None for p in parameters))), step(parameters))[1]
    logs = model.train_step(batch, optimizers)
    assert events == [('generator', True), ('step', 'generator', True), ('released', 'generator', False),
                      ('step', 'discriminator', True), ('released', 'discriminator', False)]
    assert all(value.shape == () and not value.requires_grad for value in logs.values())


def test_the_page_names_what_there_is():
    text = (ROOT / 'docs/one_step.md').read_text(encoding='utf-8')
    source = '\n'.join(path.read_text(encoding='utf-8') for path in (ROOT / 'nightgen').rglob('*.py')
                       if '.mim' not in path.parts)
    names = {part for name in re.findall(r'`([A-Z]\w+(?:\.\w+)?)', text) for part in name.split('.')}
    names |= set(re.findall(r'`([a-z]\w+_\w+)`', text)) - {'real_night', 'real_day', 'fake_day'}
    missing = sorted(name for name in names if not re.search(rf'\b(?:class|def) {name}\b', source))
    assert len(names) > 20 and not missing
