"""The hooks that watch and show: losses, log values, pictures, checks."""

import json
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from mmengine.hooks import Hook
from mmengine.registry import HOOKS
from mmengine.runner import Runner

from nightgen.engine.hooks import FiniteLossHook, LeanRuntimeInfoHook, NotFiniteError, PictureGridHook
from nightgen.engine.hooks.host_values import to_host
from nightgen.registry import LOSSES


@LOSSES.register_module(force=True)
class BecomesNaN(torch.nn.Module):
    """A loss that is NaN from its third call on."""

    def __init__(self):
        super().__init__()
        self.calls = 0

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return image.mean() * (float('nan') if self.calls > 2 else 1.0)


@pytest.mark.parametrize('stock_info', [False, True])
def test_the_culprit_is_named(train, tmp_path: Path, stock_info: bool):
    losses = [dict(type='PixelLoss', kind='l1', reads=dict(pred='fake_day', target='real_night')),
              dict(type='BecomesNaN', reads=dict(image='fake_day'), name='loss_odd'),
              dict(type='AdversarialLoss', mode='lsgan', reads=dict(real='real_*', fake='fake_*'))]
    settings = {'default_hooks.runtime_info': dict(type='RuntimeInfoHook')} if stock_info else {}
    with pytest.raises(NotFiniteError) as caught:
        train('run', **{'max_iters': 6, 'model.losses': losses, 'default_hooks.checkpoint.interval': 1, **settings})
    message = str(caught.value)
    assert message.startswith('iteration 3: loss_odd = nan on rank 0') and 'loss_pixel = ' in message
    assert 'generator.lr' in message and '/night/' in message
    assert sorted(path.name for path in (tmp_path / 'run').glob('*.pth')) == ['iter_1.pth', 'iter_2.pth']


def test_finite_values_pass_and_the_interval_counts(tmp_path: Path):
    hook = FiniteLossHook(interval=2)
    optim_wrapper = SimpleNamespace(get_lr=lambda: {'generator.lr': [0.1]})
    runner = SimpleNamespace(iter=0, rank=0, work_dir=str(tmp_path), optim_wrapper=optim_wrapper)
    bad = dict(loss_a=torch.tensor(1.0), loss_b=torch.tensor(float('inf')))
    hook.after_train_iter(runner, 0, None, bad)  # iteration 1 is not looked at
    runner.iter = 1
    hook.after_train_iter(runner, 1, None, dict(loss_a=torch.tensor(1.0)))
    with pytest.raises(NotFiniteError, match='iteration 2: loss_b = inf .*loss_a = 1.*Images: unknown'):
        hook.after_train_iter(runner, 1, None, bad)
    with pytest.raises(ValueError, match='interval'):
        FiniteLossHook(interval=0)


@LOSSES.register_module(force=True)
class RootLoss(torch.nn.Module):
    """A distance of 0 whose gradient is not finite from some iteration on."""

    calls = 0

    def __init__(self, last: int):
        super().__init__()
        self.last = last

    def forward(self, pred: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return pred.sub(pred.detach()).square().sum().sqrt() if self.calls > self.last else pred.mean() * 0


ROOT = [dict(type='PixelLoss', reads=dict(pred='fake_day', target='real_night')),
        dict(type='AdversarialLoss', mode='lsgan', reads=dict(real='real_*', fake='fake_*')),
        dict(type='RootLoss', last=2, reads=dict(pred='fake_day'))]


def test_a_gradient_that_is_not_finite_names_player_terms_and_the_last_good_checkpoint(train, tmp_path: Path):
    with pytest.raises(NotFiniteError) as caught:
        train('run', **{'max_iters': 4, 'default_hooks.checkpoint.interval': 1, 'model.losses': ROOT})
    message = str(caught.value)
    assert message.startswith("iteration 3: the gradient of player 'generator' has the norm nan, from loss term "
                              'loss_root = 0 on rank 0')
    assert f'the newest checkpoint with finite weights is {tmp_path / "run/iter_2.pth"}' in message
    assert sorted(path.name for path in (tmp_path / 'run').glob('*.pth')) == ['iter_1.pth', 'iter_2.pth']


def test_where_a_gradient_that_is_not_finite_comes_from():
    from nightgen.engine.hooks.finite_loss_hook import _origin
    terms = [SimpleNamespace(sides={'generator': ('generator',), 'judge': ('judge',)},
                             side_key=lambda side: f'loss_{side}'),
             SimpleNamespace(sides={'': ('generator', 'other')}, side_key=lambda side: 'loss_a'),
             SimpleNamespace(sides={'': ('judge',)}, side_key=lambda side: 'loss_penalty')]
    values = dict(loss_generator=1.0, loss_judge=2.0, loss_a=3.0, loss_penalty=4.0)

    def origin(player: str, **sums: float) -> str:
        notes = {f'loss_{name}': torch.tensor(value) for name, value in sums.items()}
        model = SimpleNamespace(losses=terms, active_keys=set(values), gradients=SimpleNamespace(sums=notes))
        return _origin(model, player, values)

    assert origin('generator', generator=float('nan'), a=0.5) == 'from loss term loss_generator = 1'
    both = origin('generator', generator=float('inf'), a=float('nan'))
    assert both == 'from loss term loss_generator = 1, loss_a = 3'
    assert origin('judge', judge=1.0) == 'from loss term loss_penalty = 4'
    assert origin('judge') == 'from one of loss term loss_judge = 2, loss_penalty = 4'
    assert 'from the networks behind what they read' in origin('other', a=1.0, generator=float('nan'))


def test_weights_that_are_not_finite_are_not_saved(train, tmp_path: Path):
    settings = {'max_iters': 4, 'default_hooks.checkpoint.interval': 2, 'model.losses': ROOT,
                'default_hooks.finite.interval': 10}
    with pytest.raises(NotFiniteError, match=r'iter_4.pth is not written: \d+ weights hold NaN or infinite numbers, '
                                             r'generators\.day.*finite weights is .*iter_2.pth'):
        train('run', **settings)
    assert [path.name for path in (tmp_path / 'run').glob('*.pth')] == ['iter_2.pth']
    assert (tmp_path / 'run/last_checkpoint').read_text().endswith('iter_2.pth')


def test_the_checkpoint_that_is_named_is_a_finite_one(tmp_path: Path):
    from nightgen.checkpoint import save_checkpoint
    from nightgen.engine.work_folder import go_on_from
    assert go_on_from(tmp_path) == f'no checkpoint in {tmp_path} has finite weights'
    for number, value in ((1, 1.0), (2, 2.0), (3, float('nan'))):
        save_checkpoint(dict(state_dict=dict(w=torch.tensor(value))), tmp_path / f'iter_{number}.pth')
    (tmp_path / 'iter_4.pth').write_bytes(b'cut off')
    (tmp_path / 'last_checkpoint').write_text('iter_4.pth')
    assert go_on_from(tmp_path).endswith('iter_2.pth')


def test_values_come_to_the_host_in_one_transfer(monkeypatch: pytest.MonkeyPatch):
    calls = []
    tolist = torch.Tensor.tolist
    monkeypatch.setattr(torch.Tensor, 'tolist', lambda self: calls.append(1) or tolist(self))
    monkeypatch.setattr(torch.Tensor, 'item', lambda self: pytest.fail('item() waits for the device'))
    values = {f'loss_{i}': torch.tensor(float(i), dtype=torch.float16 if i % 2 else torch.float32) for i in range(30)}
    values['count'] = torch.tensor([7])
    host = to_host(values | dict(number=3, rate=0.5))
    assert host == {**{f'loss_{i}': float(i) for i in range(30)}, 'count': 7.0, 'number': 3, 'rate': 0.5}
    assert list(host) == [*values, 'number', 'rate'] and len(calls) == 1
    with pytest.raises(ValueError, match="'loss_map' has shape"):
        to_host(dict(loss_map=torch.zeros(2, 2)))


def test_histories_are_bounded(train, tmp_path: Path):
    runner = train('run', **{'max_iters': 8, 'default_hooks.runtime_info.history': 5, 'log_processor.window_size': 5})
    scalars = runner.message_hub.log_scalars
    assert {'train/loss_pixel', 'train/time', 'train/generator.lr'} <= set(scalars)
    assert all(len(buffer.data[0]) <= 6 and buffer.max_length == 5 for buffer in scalars.values())
    logged = [json.loads(line) for line in next((tmp_path / 'run').glob('*/vis_data/scalars.json')).open()]
    assert isinstance(logged[0]['loss_pixel'], float) and logged[0]['step'] == 5


def test_histories_shorter_than_the_window_are_an_error(train):
    with pytest.raises(ValueError, match=r'history=5.*window_size=10'):
        train('run', **{'max_iters': 1, 'default_hooks.runtime_info.history': 5})


def test_log_values_equal_those_of_the_stock_hook(train):
    lean = train('lean', max_iters=3)
    stock = train('stock', **{'max_iters': 3, 'default_hooks.runtime_info': dict(type='RuntimeInfoHook')})
    for key in ('train/loss_pixel', 'train/loss_adversarial_day', 'train/generator.lr'):
        np.testing.assert_array_equal(lean.message_hub.get_scalar(key).data[0],
                                      stock.message_hub.get_scalar(key).data[0])
    assert isinstance(LeanRuntimeInfoHook().history, int)


@HOOKS.register_module(force=True)
class KeepsOutputs(Hook):
    """Every sample of a validation."""

    samples: list = []

    def before_val(self, runner: Runner) -> None:
        self.samples.clear()

    def after_val_iter(self, runner: Runner, outputs: list = (), **kwargs) -> None:
        self.samples += outputs


def test_the_grid_shows_the_same_samples_each_time(train, tmp_path: Path):
    hooks = {'default_hooks.pictures': dict(type='PictureGridHook', num_images=3, out_file=str(tmp_path / 'last.png')),
             'custom_hooks': [dict(type='KeepsOutputs')]}
    train('run', **{'max_iters': 4, 'train_cfg.val_interval': 2, **hooks})
    files = sorted((tmp_path / 'run').glob('*/vis_data/vis_image/*.png'))
    assert [path.name for path in files] == ['val_2.png', 'val_4.png']
    grid = cv2.imread(str(files[1]))[..., ::-1]
    np.testing.assert_array_equal(grid, cv2.imread(str(tmp_path / 'last.png'))[..., ::-1])
    # 9 images of 40x40; samples 0, 4 and 8; rows from below, since a title stands above
    assert grid.shape[1] == 3 * 40 + 4 * 4
    for row, index in enumerate((0, 4, 8)):
        top = grid.shape[0] - (3 - row) * 44
        for column, name in enumerate(('source', 'fake', 'truth')):
            left = 4 + column * 44
            expected = getattr(KeepsOutputs.samples[index], name).permute(1, 2, 0).numpy()
            np.testing.assert_array_equal(grid[top:top + 40, left:left + 40], expected)
    with pytest.raises(ValueError, match='num_images'):
        PictureGridHook(num_images=0)


def test_a_truth_that_is_not_there_has_no_column(train, tmp_path: Path):
    runner = train('run', **{'max_iters': 1, 'train_cfg.val_interval': 1, 'val_dataloader.dataset.truth': None,
                             'val_evaluator': [dict(type='Colourfulness')],
                             'default_hooks.pictures': dict(type='PictureGridHook', num_images=1)})
    assert runner.iter == 1
    grid = cv2.imread(str(next((tmp_path / 'run').glob('*/vis_data/vis_image/val_1.png'))))
    assert grid.shape[1] == 2 * 40 + 3 * 4


def test_epochs_under_an_iteration_loop(train):
    losses = [dict(type='PixelLoss', kind='l1', reads=dict(pred='fake_day', target='real_night')),
              dict(type='AdversarialLoss', mode='lsgan', reads=dict(real='real_*', fake='fake_*'), begin=1,
                   by_epoch=True, name='loss_late')]
    with pytest.raises(ValueError, match='loss_late.*ResumableTrainLoop counts iterations'):
        train('run', **{'max_iters': 1, 'model.losses': losses})


def test_a_domain_that_the_data_do_not_have(train):
    losses = [dict(type='AdversarialLoss', mode='lsgan', reads=dict(real='real_*', fake='fake_*'))]
    with pytest.raises(ValueError, match=r"domains \['night', 'dawn'\].*\['night', 'day'\]: \['dawn'\] missing"):
        train('run', **{'max_iters': 1, 'model.domains': ('night', 'dawn'), 'model.losses': losses})


def test_translations_are_saved_by_key(data_root: Path, tmp_path: Path):
    from nightgen.testing import small_run
    cfg = small_run(data_root, tmp_path / 'run', custom_hooks=[
        dict(type='SaveTranslationsHook', out_dir=str(tmp_path / 'out')), dict(type='ProgressHook')])
    Runner.from_cfg(cfg).test()
    files = sorted(path.name for path in (tmp_path / 'out').iterdir())
    assert files == [f'{index:04d}.png' for index in range(9)]
    assert cv2.imread(str(tmp_path / 'out/0000.png')).shape == (40, 40, 3)


def test_two_translations_never_share_a_file(tmp_path: Path):
    from nightgen.engine.hooks import SaveTranslationsHook
    from nightgen.structures import TranslationSample
    hook = SaveTranslationsHook(str(tmp_path))
    hook.before_test_epoch(None)
    samples = [TranslationSample(metainfo=dict(img_path=f'{folder}/1.png')) for folder in 'ab']
    for sample in samples:
        sample.fake = torch.zeros(3, 4, 4, dtype=torch.uint8)
    with pytest.raises(ValueError, match='b/1.png would be written'):
        hook.after_test_iter(None, 0, None, samples)
    outside = TranslationSample(metainfo=dict(img_path='x', key='../x'))
    with pytest.raises(ValueError, match='outside the folder'):
        hook.after_test_iter(None, 0, None, [outside])


@LOSSES.register_module(force=True)
class Counts(torch.nn.Module):
    """10, 20, 30 ... and no slope to speak of."""

    def __init__(self):
        super().__init__()
        self.calls = 0

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return 10.0 * self.calls + 0 * image.mean()


def test_an_average_is_over_the_iterations_in_which_a_term_was_on(train, tmp_path: Path):
    """On from the third iteration on: 10 and 20, and not (0 + 0 + 10 + 20) / 4; after a resume too."""
    losses = [dict(type='PixelLoss', kind='l2', reads=dict(pred='fake_day', target='real_night')),
              dict(type='AdversarialLoss', mode='lsgan', reads=dict(real='real_*', fake='fake_*')),
              dict(type='Counts', reads=dict(image='fake_day'), name='loss_late', begin=2, end=5, by_epoch=False),
              dict(type='Counts', reads=dict(image='fake_day'), name='loss_never', begin=99, by_epoch=False)]
    settings = {'model.losses': losses, 'default_hooks.checkpoint.interval': 2}
    runner = train('run', **{'max_iters': 4, **settings})
    logs = {key: buffer.mean(100) for key, buffer in runner.message_hub.log_scalars.items()}
    assert logs['train/loss_late'] == pytest.approx(15, rel=1e-6) and logs['train/loss_never'] == 0
    resumed = train('resumed', **{'max_iters': 6, 'load_from': str(tmp_path / 'run/iter_2.pth'), 'resume': True,
                                  **settings})
    history = resumed.message_hub.get_scalar('train/loss_late')
    assert history.data[0].tolist() == [0, 0, 10, 20, 30, 0] and history.mean(100) == pytest.approx(20, rel=1e-6)
