"""tools/analysis_tools/benchmark.py: its numbers on tiny networks and data, its options, its errors."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from mmengine.config import Config

from nightgen import testing
from nightgen.models.backbones import N2DLPNet, ResNetGenerator
from nightgen.testing.processor import bf16_convolutions
from nightgen.utils.errors import UsageError
from nightgen.utils.images import write_image


@pytest.fixture
def tool(load_tool: Callable, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The tool, with a small baseline and short turns."""
    module = load_tool('tools/analysis_tools/benchmark.py')
    monkeypatch.setattr(module, 'BLOCK_SECONDS', 0.01)
    monkeypatch.setattr(module, 'ResNetGenerator', lambda **kwargs: ResNetGenerator(base=4, num_blocks=1, **kwargs))
    return module


@pytest.fixture
def training_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of three iterations' worth of settings, as a file."""
    monkeypatch.setattr('mmengine.runner.runner.collect_env', dict)
    cfg = testing.small_run(testing.write_domains(tmp_path / 'data'), tmp_path / 'work')
    path = tmp_path / 'small.py'
    Config(cfg.to_dict()).dump(path)
    return path


def test_inference(tool: ModuleType, tiny_config: Path, tiny_checkpoint: Path, capsys: pytest.CaptureFixture):
    arguments = ['inference', str(tiny_config), '--shape', '40', '56', '--repeats', '2', '--threads', '1']
    tool.main([*arguments, '--json', '--checkpoint', str(tiny_checkpoint)])
    result = json.loads(capsys.readouterr().out)
    assert result['shape'] == [3, 40, 56] and result['threads'] == 1
    rows = {row['name']: row for row in result['rows']}
    fast = ['N2DLPNet fast fp32', *(['N2DLPNet fast bf16'] if bf16_convolutions() else [])]
    assert list(rows) == ['ResNet eager fp32', 'ResNet channels-last fp32', 'ResNet channels-last bf16',
                          'N2DLPNet eager fp32', *fast]
    assert rows['ResNet eager fp32']['ratio'] == 1
    for row in rows.values():
        assert row['fastest'] <= row['seconds'] <= row['slowest'] and row['calls'] >= 2
        assert row['ratio'] == pytest.approx(rows['ResNet eager fp32']['seconds'] / row['seconds'])
        assert 0 <= row['mean_difference'] <= row['largest_difference']
    assert rows['N2DLPNet fast fp32']['largest_difference'] < 0.01
    if bf16_convolutions():
        assert 0 < rows['N2DLPNet fast bf16']['largest_difference'] < 5 and result['left_out'] == []
    tool.main(arguments)
    assert 'N2DLPNet fast bf16' in capsys.readouterr().out


def test_a_form_that_the_processor_lacks_is_left_out_by_name(tool: ModuleType, tiny_config: Path,
                                                             monkeypatch: pytest.MonkeyPatch,
                                                             capsys: pytest.CaptureFixture):
    monkeypatch.setattr('nightgen.models.backbones.n2d_lpnet_inference.bf16_convolutions', lambda: False)
    arguments = ['inference', str(tiny_config), '--shape', '32', '32', '--repeats', '1', '--threads', '1']
    tool.main([*arguments, '--json'])
    result = json.loads(capsys.readouterr().out)
    assert result['left_out'] == ['N2DLPNet fast bf16'] and len(result['rows']) == 5
    tool.main(arguments)
    assert 'N2DLPNet fast bf16         left out: this processor' in capsys.readouterr().out


def test_against_another_config_on_a_picture(tool: ModuleType, tiny_config: Path, tmp_path: Path,
                                             capsys: pytest.CaptureFixture):
    write_image(str(tmp_path / 'night.png'), np.random.default_rng(0).integers(0, 40, (33, 48, 3), np.uint8))
    tool.main(['inference', str(tiny_config), '--against', str(tiny_config), '--image', str(tmp_path / 'night.png'),
               '--repeats', '1', '--threads', '1', '--json'])
    result = json.loads(capsys.readouterr().out)
    assert result['shape'] == [3, 33, 48]
    assert [row['name'] for row in result['rows']][0] == 'N2DLPNet (tiny) eager fp32'
    assert len(result['rows']) == (6 if bf16_convolutions() else 4)


def test_the_picture_is_read_in_its_range(tool: ModuleType, tmp_path: Path):
    picture = np.arange(0, 48 * 33 * 3).reshape(33, 48, 3).astype(np.uint16) * 13
    write_image(str(tmp_path / 'deep.png'), picture)
    args = tool.parse_args(['inference', 'none.py', '--image', str(tmp_path / 'deep.png')])
    image = tool.input_image(args, Config())
    np.testing.assert_allclose(image[0].permute(1, 2, 0).numpy(), picture / 65535 * 2 - 1, atol=1e-6)


def test_the_made_frame_is_dark_and_always_the_same(tool: ModuleType):
    frame = tool.dark_frame(90, 160)
    assert torch.equal(frame, tool.dark_frame(90, 160))
    assert frame.min() == -1 and frame.max() > 0.5 and frame.median() < -0.8


def test_every_row_has_its_turn(tool: ModuleType):
    order = []

    def row(name: str, seconds: float) -> Callable:
        def run() -> None:
            order.append(name)
            time.sleep(seconds)
        return run

    seconds = tool.time_in_turn(dict(slow=row('slow', 0.02), fast=row('fast', 0.001)), rounds=3)
    turns = [name for name, before in zip(order[2:], ['', *order[2:]], strict=False) if name != before]
    assert turns == ['slow', 'fast'] * 3
    assert len(seconds['slow']) == 3 and len(seconds['fast']) > 3
    assert all(taken >= 0.02 for taken in seconds['slow'])


def test_the_baseline_is_cyclegans(load_tool: Callable):
    image = torch.zeros(1, 3, 8, 8)
    name, network, _ = load_tool('tools/analysis_tools/benchmark.py').baseline_network('resnet', 'cpu', image)
    assert name == 'ResNet' and sum(parameter.numel() for parameter in network.parameters()) == 11_378_179


def test_a_colorizer_is_given_a_luma(tool: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture):
    config = tmp_path / 'colorizer.py'
    config.write_text("""
default_scope = 'nightgen'
model = dict(
    type='ColorizationTranslator', domains=('color',), generator=dict(type='UNet', base=4, num_levels=2))
inference_shape = (1, 32, 48)
""")
    tool.main(['inference', str(config), '--json', '--repeats', '1', '--threads', '1', '--against', str(config)])
    rows = json.loads(capsys.readouterr().out)['rows']
    assert {row['name'].split()[0] for row in rows} == {'UNet'} and all(row['seconds'] > 0 for row in rows)


def test_a_stroke(tool: ModuleType, tiny_config: Path, tmp_path: Path, capsys: pytest.CaptureFixture):
    config = tmp_path / 'semantic.py'
    config.write_text("""
default_scope = 'nightgen'
model = dict(
    type='SemanticColorizationTranslator', domains=('color',), label_set='pascal_context', photo_size=(16, 24),
    generator=dict(type='TwoStreamUNet', widths=(4, 8), num_classes=60))
""")
    write_image(str(tmp_path / 'photo.png'), np.full((20, 30, 3), 90, np.uint8))
    write_image(str(tmp_path / 'label.png'), np.full((20, 30), 3, np.uint8))
    tool.main(['stroke', str(config), '--json', '--repeats', '2', '--threads', '1', '--shape', '32', '48', '--image',
               str(tmp_path / 'photo.png'), '--label', str(tmp_path / 'label.png')])
    result = json.loads(capsys.readouterr().out)
    assert (result['shape'], result['photo'], result['threads']) == ([32, 48], [20, 30], 1)
    assert [row['precision'] for row in result['rows']] == ['fp32', 'bf16'][:1 + bf16_convolutions()]
    assert all(row['seconds'] > 0 and row['largest_difference'] <= 2 for row in result['rows'])
    tool.main(['stroke', str(config), '--repeats', '1', '--threads', '1'])
    assert 'network at 16 x 24, photo 288 x 360, 1 threads' in capsys.readouterr().out
    with pytest.raises(UsageError, match='a stroke edits a label map, and .* takes none'):
        tool.main(['stroke', str(tiny_config), '--threads', '1'])


def test_forms_leave_the_network_as_it_was(tool: ModuleType):
    for network in (ResNetGenerator(base=4, num_blocks=1), N2DLPNet(base=8, stem=4, n_low=1, n_guide=1)):
        before = {name: (value.clone(), value.stride()) for name, value in network.state_dict().items()}
        tool.forms('x', network)
        for name, value in network.state_dict().items():
            assert torch.equal(value, before[name][0]) and value.stride() == before[name][1]


@pytest.mark.filterwarnings('error:Seems like `optimizer.step')
def test_training(tool: ModuleType, training_config: Path, tmp_path: Path, capsys: pytest.CaptureFixture):
    tool.main(['training', str(training_config), '--iters', '3', '--warmup', '1', '--json'])
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result['iterations'] == 3 and result['images_per_second'] > 0 and 0 <= result['data_share'] < 1
    seconds = result['seconds']
    assert all(seconds[phase] > 0 for phase in ('data', 'forward', 'backward', 'optimizer', 'total'))
    assert seconds['backward'] + seconds['optimizer'] < seconds['total']
    assert not (tmp_path / 'work').exists()  # nothing of the config's own work folder is touched


def test_forms_of_a_training_step(tool: ModuleType, training_config: Path, capsys: pytest.CaptureFixture):
    arguments = ['training', str(training_config), '--iters', '1', '--warmup', '1', '--shape', '32', '40']
    tool.main([*arguments, '--forms', '--json'])
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [row['form'] for row in result['rows']] == ['plain', 'fused', 'channels_last', 'bf16']
    assert result['shape'] == [32, 40] and result['rows'][0]['ratio'] == 1
    tool.main([*arguments, '--forms', 'fused'])
    assert 'fused' in capsys.readouterr().out
    with pytest.raises(SystemExit):
        tool.main(arguments)
    assert '--shape go with --forms' in capsys.readouterr().err


def test_dataloader(tool: ModuleType, training_config: Path, capsys: pytest.CaptureFixture):
    tool.main(['dataloader', str(training_config), '--iters', '4', '--warmup', '1', '--json'])
    result = json.loads(capsys.readouterr().out)
    assert result['batches'] == 4 and result['images_per_second'] > 0


def test_a_slow_loader_shows_in_the_data_share(tool: ModuleType):
    clock = tool.StepClock(warmup=1)
    clock.iterations = [dict(data=9.0, step=1.0, total=10.0)] + [
        dict(data=3.0, step=6.0, backward=2.0, optimizer=1.0, total=10.0)] * 4
    summary = clock.summary(batch_size=5)
    assert summary['images_per_second'] == pytest.approx(0.5) and summary['data_share'] == pytest.approx(0.3)
    assert summary['seconds'] == dict(data=3.0, backward=2.0, optimizer=1.0, total=10.0, forward=3.0, hooks=1.0)


def test_errors(tool: ModuleType, tiny_config: Path, run_tool: Callable, capsys: pytest.CaptureFixture):
    with pytest.raises(ValueError, match='no train_dataloader'):
        tool.main(['training', str(tiny_config)])
    with pytest.raises(ValueError, match='no train_dataloader'):
        tool.main(['dataloader', str(tiny_config)])
    with pytest.raises(UsageError, match='device cuda:99 cannot be used here'):
        tool.main(['inference', str(tiny_config), '--device', 'cuda:99'])
    with pytest.raises(SystemExit):
        tool.main(['inference', str(tiny_config), '--repeats', '0'])
    assert '--repeats must be at least 1' in capsys.readouterr().err
    failed = run_tool('tools/analysis_tools/benchmark.py', 'inference', 'missing.py', check=False)
    assert failed.returncode == 2 and 'missing.py' in failed.stderr and 'Traceback' not in failed.stderr
    with pytest.raises(SystemExit):
        tool.main(['--help'])
    assert 'inference configs/n2d_lpnet/bdd100k.py' in capsys.readouterr().out
