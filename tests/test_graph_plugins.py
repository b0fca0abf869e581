"""A third party's translators: over three domains with a second judge, and with a network of two named inputs."""

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner

from nightgen.apis import init_model
from nightgen.testing import small_run, write_domains, write_pictures
from nightgen.utils.images import write_image

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
        with pytest.raises(TypeError, match=r"takes \['depth', 'label'\] by name beside the picture; .*" + words):
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
