"""A third party's translators: over three domains with a second judge, and with a network of two named inputs."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner

from nightgen.apis import ColorizationInferencer, NightgenInferencer, init_model
from nightgen.testing import small_run, write_domains, write_pictures
from nightgen.utils.images import read_image, write_image

PLUGIN = Path(__file__).parent / 'plugins' / 'nightgen_example'
IMPORTS = dict(imports=['nightgen_example'])


@pytest.fixture(autouse=True)
def plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PLUGIN))


def train(cfg: Config) -> Runner:
    """``custom_imports`` of a config that was not read from a file are left to us."""
    from mmengine.utils import import_modules_from_strings
    import_modules_from_strings(**cfg.custom_imports)
    runner = Runner.from_cfg(cfg)
    runner.train()
    return runner


def test_three_domains_and_two_judges_train_validate_and_resume(tmp_path: Path):
    write_domains(tmp_path / 'data')
    images = small_run(tmp_path / 'data', '').train_dataloader.dataset.night
    optimizer = dict(optimizer=dict(type='Adam', lr=1e-3))
    adversarial = dict(type='AdversarialLoss', reads=dict(real='real_*', fake='fake_*_~'), pool=3)
    settings = {
        'custom_imports': IMPORTS,
        'model': dict(
            _delete_=True, type='ThreeWayTranslator', domains=('night', 'day', 'dusk'),
            generator=dict(type='ShallowNet'), discriminator=dict(type='PatchDiscriminator', base=4, num_layers=1),
            losses=[adversarial, dict(adversarial, judge='critic', name='loss_colour', domains='day')]),
        'train_dataloader.dataset.dusk': dict(images, data_prefix=dict(img='truth')),
        'optim_wrapper.critic': optimizer, 'train_cfg.val_interval': 2, 'default_hooks.checkpoint.interval': 2}
    whole = train(small_run(tmp_path / 'data', tmp_path / 'whole', **settings))
    logged = {key.removeprefix('train/') for key in whole.message_hub.log_scalars if 'loss' in key}
    pairs = [f'{target}_{source}' for target in ('night', 'day', 'dusk') for source in ('night', 'day', 'dusk')
             if source != target]
    assert logged == {f'loss_adversarial{side}_{pair}' for pair in pairs for side in ('', '_discriminator')} | {
        f'loss_colour{side}_{pair}' for pair in pairs if pair.startswith('day') for side in ('', '_critic')}
    assert whole.message_hub.get_scalar('val/PSNR').current() > 0
    resumed = train(small_run(tmp_path / 'data', tmp_path / 'resumed', resume=True,
                              load_from=str(tmp_path / 'whole/iter_2.pth'), **copy.deepcopy(settings)))
    assert all(p.equal(q) for p, q in zip(whole.model.parameters(), resumed.model.parameters(), strict=True))


# A network with two named inputs

CONFIG = '''
custom_imports = dict(imports=['nightgen_example'])
default_scope = 'nightgen'
model = dict(type='GuidedTranslator', domains=('night', 'day'), generator=dict(type='GuidedNet', num_classes=4))
'''


@pytest.fixture
def guided(tmp_path: Path) -> tuple[Path, Path]:
    """Config and checkpoint of the plug-in's translator."""
    (tmp_path / 'guided.py').write_text(CONFIG)
    model = init_model(tmp_path / 'guided.py')
    torch.save(dict(state_dict=model.state_dict(), meta={}), tmp_path / 'guided.pth')
    return tmp_path / 'guided.py', tmp_path / 'guided.pth'


def test_its_inputs_are_named_exemplified_and_checked(guided):
    model = init_model(*guided)
    picture, named = model.example_inputs((6, 8))
    assert picture.shape == (1, 3, 6, 8)
    assert {name: (tuple(value.shape), value.dtype) for name, value in named.items()} == dict(
        depth=((1, 1, 6, 8), torch.float32), label=((1, 6, 8), torch.int64))
    network, depth, label = model.generators['day'], torch.rand(1, 1, 6, 8), torch.randint(0, 4, (1, 6, 8))
    expected = (network.mix(picture) + network.colours.weight[label].permute(0, 3, 1, 2) * depth).clamp(-1, 1)
    torch.testing.assert_close(model.translate(picture, depth=depth, label=label), expected)
    without = (network.mix(picture) + network.colours.weight[0][:, None, None] * depth).clamp(-1, 1)
    torch.testing.assert_close(model.translate(picture, depth=depth), without)
    for inputs, words in ((dict(label=label), r"missing: \['depth'\]"),
                          (dict(depth=depth, mask=1), r"known: \['mask'\]")):
        with pytest.raises(TypeError, match=r"takes \['depth', 'label'\] by name beside the image; .*" + words):
            model.translate(picture, **inputs)


def test_validation_keeps_what_a_batch_brings(guided):
    model = init_model(*guided)
    picture = torch.randint(0, 256, (3, 6, 8), dtype=torch.uint8)
    depth = torch.randint(0, 256, (1, 6, 8), dtype=torch.uint8)
    label = torch.randint(0, 4, (6, 8), dtype=torch.uint8)
    sample, = model.val_step(dict(inputs=dict(real_night=[picture], depth_night=[depth], label_night=[label]),
                                  data_samples=None))
    expected = model.translate(picture[None] / 127.5 - 1, depth=depth[None] / 255, label=label[None].long())
    assert sample.fake.equal(((expected[0] + 1) * 127.5).round().to(torch.uint8))


def test_get_flops_counts_it(guided, load_tool, capsys):
    tool = load_tool('tools/analysis_tools/get_flops.py')
    tool.main([str(guided[0]), '--shape', '16', '24'])
    printed = capsys.readouterr().out
    assert f'{16 * 24 * 9:,} multiply-adds' in printed and 'label       (1, 16, 24)' in printed


def write_inputs(root: Path) -> None:
    """Three pictures, a depth and a label map for each."""
    write_pictures(root / 'night', number=3, size=(12, 16))
    rng = np.random.default_rng(0)
    for name in ('000000', '000001', '000002'):
        for folder, most in (('depth', 256), ('label', 4)):
            (root / folder).mkdir(exist_ok=True)
            write_image(str(root / folder / f'{name}.png'), rng.integers(0, most, (12, 16), np.uint8))


def test_translate_and_the_inferencer_take_them(guided, tmp_path, run_tool, capsys):
    write_inputs(tmp_path)
    (tmp_path / 'label/000001.png').rename(tmp_path / 'label/000001_.png')
    command = ['tools/translate.py', *guided, tmp_path / 'night', tmp_path / 'out']
    env = dict(PYTHONPATH=f'{PLUGIN.parents[2]}:{PLUGIN}')
    refused = run_tool(*command, '--beside', f'label={tmp_path / "label"}', check=False, env=env)
    assert refused.returncode == 2 and "missing: ['depth']; give them with --beside NAME=FOLDER" in refused.stderr
    beside = ['--beside', f'label={tmp_path / "label"}', f'depth={tmp_path / "depth"}']
    refused = run_tool(*command, *beside, check=False, env=env)
    assert refused.returncode == 2 and 'label/000001.png' in refused.stderr and 'Traceback' not in refused.stderr
    (tmp_path / 'label/000001_.png').rename(tmp_path / 'label/000001.png')
    run_tool(*command, *beside, '--batch-size', 2, env=env)
    pictures, depths, labels = ([read_image(str(path), mode) for path in sorted((tmp_path / folder).iterdir())]
                                for folder, mode in (('night', 'color'), ('depth', 'grey'), ('label', 'label')))
    inferencer = NightgenInferencer(guided[0], guided[1])
    made = inferencer(pictures, named=dict(depth=[depth[..., None] for depth in depths], label=labels))['predictions']
    network = inferencer.model.generators['day']
    for picture, depth, label, prediction, path in zip(pictures, depths, labels, made,
                                                       sorted((tmp_path / 'out').glob('*.png')), strict=True):
        colours = network.colours.weight[torch.from_numpy(label).long()].permute(2, 0, 1)
        picture, depth = torch.from_numpy(picture).permute(2, 0, 1) / 127.5 - 1, torch.from_numpy(depth) / 255
        expected = network.mix(picture) + colours * depth
        expected = ((expected.clamp(-1, 1) + 1) * 127.5).round().permute(1, 2, 0).detach().numpy()
        np.testing.assert_allclose(prediction, expected, atol=1)
        np.testing.assert_array_equal(read_image(str(path)), prediction)
    with pytest.raises(ValueError, match="3 images and 2 of 'label'"):
        inferencer(pictures, named=dict(depth=depths, label=labels[:2]))
    with pytest.raises(ValueError, match="'label' of an image of 12x16 is 6x16"):
        inferencer(pictures, named=dict(depth=[depth[..., None] for depth in depths], label=[x[::2] for x in labels]))


def test_the_benchmark_runs_it(guided, load_tool, capsys, monkeypatch):
    tool = load_tool('tools/analysis_tools/benchmark.py')
    monkeypatch.setattr(tool, 'ResNetGenerator', lambda **kwargs: torch.nn.Conv2d(3, 3, 1))
    tool.main(['inference', str(guided[0]), '--shape', '16', '24', '--repeats', '1', '--threads', '1', '--json'])
    rows = {row['name']: row for row in json.loads(capsys.readouterr().out)['rows']}
    assert [name for name in rows if name.startswith('GuidedNet')] == [
        'GuidedNet eager fp32', 'GuidedNet channels-last fp32', 'GuidedNet channels-last bf16']
    assert rows['GuidedNet channels-last fp32']['largest_difference'] < 1e-3


def test_a_photo_brings_a_label_map_or_has_one_predicted(tmp_path):
    config = Config(dict(custom_imports=IMPORTS, default_scope='nightgen', model=dict(
        type='GuidedColorizer', domains=('color',), generator=dict(type='GuidedChroma'), photo_size=(4, 8))))
    from mmengine.utils import import_modules_from_strings
    import_modules_from_strings(**IMPORTS)
    with pytest.warns(UserWarning, match='untrained'):
        inferencer = ColorizationInferencer(config)
    photo = np.full((8, 16, 3), 40, np.uint8)
    photo[:, 8:] = 220
    label = np.zeros((8, 16), np.uint8)
    label[:, 8:] = 3
    colours = inferencer.model.generators['chroma'].colours.weight.detach().tanh()
    for named, classes in ((dict(label=[label]), (0, 3)), (None, (0, 1))):  # given, or told from the luma
        made, = inferencer(photo, named=named)['predictions']
        for column, number in ((0, classes[0]), (15, classes[1])):
            luma = inferencer.model.split(torch.full((1, 3, 1, 1), photo[0, column, 0] / 127.5 - 1))[0]
            expected = ((inferencer.model.join(luma, colours[number].view(1, 2, 1, 1)) + 1) * 127.5).round()
            np.testing.assert_allclose(made[0, column], expected.flatten(), atol=1)
    with pytest.raises(TypeError, match=r"known: \['depth'\]"):
        inferencer(photo, named=dict(depth=[label]))
