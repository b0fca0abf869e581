"""Further tensors of a config: several of one module, and modules that are part of a player."""

import copy

import pytest
import torch
from torch import nn

from nightgen.engine.optimizers import PlayerOptimWrapperConstructor
from nightgen.models.translators import OneSidedTranslator
from nightgen.registry import MODELS

CONTENT = dict(type='PixelLoss', kind='l2', reads=dict(pred='fake_*', target='mixed_*'))


@MODELS.register_module(force=True)
class Mixing(nn.Module):
    """A picture through a learnt convolution, and twice another one; counts its calls."""

    def __init__(self):
        super().__init__()
        self.conv, self.calls = nn.Conv2d(3, 3, 1), 0

    def forward(self, image, other):
        self.calls += 1
        return self.conv(image), 2 * other


ENTRY = dict(type='Mixing', name=('mixed_*', 'double_*'), reads=dict(image='fake_*', other='real_~'), player='mixer')


def make(tensors=(ENTRY,), losses=(CONTENT,), turns=(('generator',), ('mixer',))):
    torch.manual_seed(0)
    return OneSidedTranslator(domains=('night', 'day'), generator=dict(type='Conv2d', in_channels=3, out_channels=3,
                              kernel_size=1), tensors=tensors, losses=losses, turns=turns)


def wrapper(model):
    return PlayerOptimWrapperConstructor({player: dict(optimizer=dict(type='SGD', lr=0.1))
                                          for player in model.player_modules()})(model)


def pictures():
    images = torch.randint(0, 256, (2, 1, 3, 8, 8), generator=torch.Generator().manual_seed(1), dtype=torch.uint8)
    return dict(inputs=dict(real_night=list(images[0]), real_day=list(images[1])), data_samples=None)


def test_a_module_of_a_player_is_trained_in_its_turn():
    losses = [dict(CONTENT, reads=dict(pred='fake_*', target='double_*')),
              dict(CONTENT, reads=dict(pred='mixed_*', target='double_*'), drives=('mixer',), name='loss_mixer')]
    model = make(losses=losses)
    assert {'mixed_day', 'double_day'} <= set(model.tensor_names())
    assert not any('+' in name for name in model.tensor_names())
    generator = copy.deepcopy(model.generators['day'])
    mixing = copy.deepcopy(next(iter(model.extra_tensors.values())))
    night = pictures()['inputs']['real_night'][0][None].float() / 127.5 - 1
    fake = generator(night)
    expected = torch.autograd.grad((fake - 2 * night).square().mean(), list(generator.parameters()))
    expected_mixer = torch.autograd.grad((mixing.conv(fake.detach()) - 2 * night).square().mean(),
                                         list(mixing.parameters()))
    logs = model.train_step(pictures(), wrapper(model))
    assert set(logs) == {'loss_pixel_day', 'loss_mixer_day'}
    trained = next(iter(model.extra_tensors.values()))
    assert trained.calls == 2  # for both names at once; anew after the generator's step, which it was made with
    for before, after, gradient in [*zip(generator.parameters(), model.generators.parameters(), expected, strict=True),
                                    *zip(mixing.parameters(), trained.parameters(), expected_mixer, strict=True)]:
        torch.testing.assert_close(after, before - 0.1 * gradient)


def test_a_module_may_belong_to_the_generator():
    model = make(tensors=[{**ENTRY, 'player': 'generator'}], turns=None)
    assert list(model.player_modules()) == ['generator'] and len(model.player_modules()['generator']) == 2
    before = copy.deepcopy(model.extra_tensors)
    model.train_step(pictures(), wrapper(model))
    assert not any(p.equal(q) for p, q in zip(before.parameters(), model.extra_tensors.parameters(), strict=True))
    twin = copy.deepcopy(model)
    twin.load_state_dict(model.state_dict())


def test_what_cannot_be_is_told():
    with pytest.raises(ValueError, match="every player has exactly one turn; got .'generator'., the players are "
                                         ".'generator', 'mixer'"):
        make(turns=None)
    with pytest.raises(ValueError, match="'mixed_day' exists already"):
        make(tensors=[{**ENTRY, 'name': ('mixed_*', 'mixed_*')}])
    with pytest.raises(ValueError, match="its name needs a '\\*' too"):
        make(tensors=[{**ENTRY, 'name': ('mixed_*', 'double')}])
    model = make(tensors=[{**ENTRY, 'name': ('mixed_*', 'double_*', 'third_*')}])
    with pytest.raises(ValueError, match='Mixing made 2 values for the 3 names'):
        model.train_step(pictures(), wrapper(model))
    orphan = make(tensors=[{key: value for key, value in ENTRY.items() if key != 'player'}], turns=None)
    with pytest.raises(ValueError, match="double_day.conv.weight' requires gradients.*give its entry of tensors a "
                                         "player"):
        wrapper(orphan)
