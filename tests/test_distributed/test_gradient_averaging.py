"""Two processes (gloo): equal parameters on all ranks, and those of one process with the same global batch."""

import torch
import torch.distributed as torch_dist
from mmengine.logging import MessageHub
from torch import nn

from nightgen.engine.optimizers import BroadcastWrapper, PlayerOptimWrapperConstructor, average_gradients
from nightgen.models.translators import OneSidedTranslator
from nightgen.registry import MODELS
from nightgen.testing import run_processes

STEPS, GLOBAL_BATCH = 4, 4


class PartlyUsed(nn.Module):
    """A generator with a layer that no forward uses, called through a sub-network."""

    def __init__(self):
        super().__init__()
        self.used, self.unused = nn.Conv2d(3, 3, 3, padding=1), nn.Conv2d(3, 3, 1)

    def forward(self, x):
        return self.used(x)


class Judge(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(3, 4, 4, 2), nn.LeakyReLU(0.2), nn.Conv2d(4, 1, 3))

    def forward(self, x):
        return [self.net(x)]


def images(step):
    generator = torch.Generator().manual_seed(step)
    return torch.randint(0, 256, (2, GLOBAL_BATCH, 3, 12, 12), generator=generator, dtype=torch.uint8)


def train(seed_by_rank=True, accumulate=2):
    rank = torch_dist.get_rank() if torch_dist.is_initialized() else 0
    world = torch_dist.get_world_size() if torch_dist.is_initialized() else 1
    for part in (PartlyUsed, Judge):
        MODELS.register_module(module=part, force=True)
    torch.manual_seed(rank if seed_by_rank else 0)  # the wrapper must make the ranks equal
    model = OneSidedTranslator(
        domains=('night', 'day'), generator=dict(type='PartlyUsed'), discriminator=dict(type='Judge'),
        losses=[dict(type='PixelLoss', kind='l2', reads=dict(pred='fake_*', target='real_~')),
                dict(type='AdversarialLoss', reads=dict(real='real_*', fake='fake_*'), weight=0.1)])
    wrapped = BroadcastWrapper(model)
    players = {player: dict(optimizer=dict(type='SGD', lr=0.1)) for player in ('generator', 'discriminator')}
    optim_wrapper = PlayerOptimWrapperConstructor(dict(accumulate=accumulate, **players))(wrapped)
    for step in range(STEPS):
        MessageHub.get_current_instance().update_info('iter', step)
        night, day = images(step)[:, rank::world]
        batch = dict(inputs=dict(real_night=list(night), real_day=list(day)), data_samples=None)
        wrapped.train_step(batch, optim_wrapper)
    return {name: value.clone() for name, value in wrapped.state_dict().items()}


def average_mixed():
    rank = torch_dist.get_rank()
    both, one, none = (nn.Parameter(torch.zeros(2)) for _ in range(3))
    both.grad = torch.tensor([1.0, 2.0]) * (rank + 1)
    if rank == 1:
        one.grad = torch.tensor([4.0, 6.0])
    average_gradients([both, one, none])
    return [both.grad, one.grad, none.grad]


def test_ranks_are_bit_equal_and_equal_one_process_with_the_global_batch():
    first, second = run_processes(train, 2)
    assert all(torch.equal(first[name], second[name]) for name in first)
    alone = train(seed_by_rank=False)
    assert set(alone) == set(first)  # no wrapper in the keys
    for name, value in alone.items():
        torch.testing.assert_close(first[name], value, rtol=0, atol=1e-5)
    torch.manual_seed(0)
    assert not torch.equal(alone['generators.day.used.weight'], PartlyUsed().used.weight)  # it trained at all


def test_a_missing_gradient_counts_as_zero_unless_it_is_missing_everywhere():
    for both, one, none in run_processes(average_mixed, 2):
        assert torch.equal(both, torch.tensor([1.5, 3.0]))
        assert torch.equal(one, torch.tensor([2.0, 3.0]))
        assert none is None
