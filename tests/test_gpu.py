"""What needs a GPU: every method's step beside the CPU's and without a synchronisation, AMP, compiling, nccl, graphs.

Skipped where there is none.
"""

import copy
import math
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor

from nightgen.apis import NightgenInferencer
from nightgen.checkpoint import load_checkpoint
from nightgen.engine.timing import config_of_form, made_batch
from nightgen.models.backbones import N2DLPNet
from nightgen.registry import MODELS, OPTIM_WRAPPER_CONSTRUCTORS
from nightgen.testing import write_pictures

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a GPU')
CONFIGS = Path(__file__).resolve().parents[1] / 'configs'
SMALL = sorted(str(path.relative_to(CONFIGS).with_suffix('')) for path in CONFIGS.glob('*/nightscape_small*.py')
               if not path.stem.endswith('gridnet'))


@pytest.fixture(autouse=True)
def exact_float32():
    """float32 in place of TensorFloat-32, so that both devices compute the same."""
    before = torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    yield
    torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = before


def run_of(name: str, device: str, form: str = 'plain', **model: object):
    """Model, optimizers and a made batch of a small config, in the last stage of its schedule."""
    init_default_scope('nightgen')
    model_cfg, wrapper = config_of_form(Config.fromfile(CONFIGS / f'{name}.py'), form)
    for term in model_cfg['losses']:
        term.pop('prior', None)  # a file that is counted from the training images
    torch.manual_seed(0)
    model = MODELS.build({**model_cfg, **model})
    model.init_weights()
    model = model.to(device)
    late = max((term.schedule.begin for term in model.losses), default=0)
    model.progress = lambda: (late, late)
    optim_wrapper = OPTIM_WRAPPER_CONSTRUCTORS.build(
        dict(optim_wrapper_cfg=wrapper, type=wrapper.pop('constructor')))(model)
    return model, optim_wrapper, made_batch(model, 1, (128, 128))


def on_gpu(batch: dict) -> dict:
    return dict(batch, inputs={name: [item.cuda() for item in items] for name, items in batch['inputs'].items()})


@pytest.mark.parametrize('name', SMALL)
def test_a_step_waits_for_nothing(name: str):
    model, optim_wrapper, batch = run_of(name, 'cuda')
    batch = on_gpu(batch)
    for _ in range(2):  # the first steps check that every player gets gradients
        model.train_step(batch, optim_wrapper)
    torch.cuda.set_sync_debug_mode('error')
    try:
        logs = model.train_step(batch, optim_wrapper)
    finally:
        torch.cuda.set_sync_debug_mode('default')
    assert all(torch.isfinite(value) for value in logs.values())


def losses_of(name: str, device: str, seed: int) -> dict[str, float]:
    model, optim_wrapper, batch = run_of(name, device)
    torch.manual_seed(seed)
    return {key: value.item() for key, value in model.train_step(batch, optim_wrapper).items()}


@pytest.mark.parametrize('name', SMALL)
def test_a_step_gives_the_losses_that_the_cpu_gives(name: str):
    """Those that no random number of the step has a part in: a GPU draws others than a CPU."""
    one, other, gpu = losses_of(name, 'cpu', 1), losses_of(name, 'cpu', 2), losses_of(name, 'cuda', 1)
    certain = [key for key in one if one[key] == other[key]]
    assert one.keys() == gpu.keys() and all(map(math.isfinite, gpu.values()))
    assert {key: one[key] for key in certain} == pytest.approx({key: gpu[key] for key in certain}, rel=2e-3, abs=2e-4)


@pytest.mark.parametrize('name', ['n2d_lpnet/nightscape_small', 'todaygan/nightscape_small_tir'])
def test_compiled_networks_train_as_eager_ones(name: str):
    values = []
    for compiled in (False, True):
        model, optim_wrapper, batch = run_of(name, 'cuda', compile_networks=compiled)
        for _ in range(3):
            logs = model.train_step(batch, optim_wrapper)
        values.append({key: value.item() for key, value in logs.items()})
    assert values[0] == pytest.approx(values[1], rel=2e-2, abs=2e-3)


TRAINING = '''
_base_ = ['{configs}/{method}/nightscape_small.py']
{folders}
val_dataloader = val_cfg = val_evaluator = test_dataloader = test_cfg = test_evaluator = None
train_cfg = dict(max_iters=8, val_interval=100)
default_hooks = dict(checkpoint=dict(interval=4))
param_scheduler = []
model = dict(losses=[dict(term, pool=2) if 'pool' in term else term for term in _base_.model.losses])
'''
FOLDER = '''
_{domain} = dict(
    _delete_=True, type='ImageFolderDataset', data_root='{root}', data_prefix=dict(img='{domain}'),
    pipeline=_base_.train_pipeline)
'''


def weights_of(path: Path) -> dict[str, Tensor]:
    return {key: value for key, value in load_checkpoint(path)['state_dict'].items() if value.is_floating_point()}


def training(method: str, domains: tuple[str, str], folder: Path) -> Path:
    """A config of eight iterations on random images, checkpoints at the fourth and the last."""
    for domain in domains:
        write_pictures(folder / domain, 6, size=(160, 288))
    folders = ''.join(FOLDER.format(domain=domain, root=folder) for domain in domains)
    folders += f'train_dataloader = dict(num_workers=1, dataset=dict({", ".join(f"{d}=_{d}" for d in domains)}))'
    path = folder / 'training.py'
    path.write_text(TRAINING.format(configs=CONFIGS, method=method, folders=folders))
    return path


@pytest.mark.parametrize(('method', 'domains', 'amp'), [
    ('n2d_lpnet', ('night', 'day'), 'fp16'), ('n2d_lpnet', ('night', 'day'), 'bf16'),
    ('cyclegan', ('thermal', 'day'), 'off')])
def test_a_stopped_run_goes_on_as_if_it_had_not(method: str, domains: tuple, amp: str, tmp_path: Path, run_tool):
    """fp16's scale of the gradients and image pools go on too. The sums of a GPU differ from run to run, which training
    makes larger: the resumed runs are as near to the whole one as they are to each other."""
    config = training(method, domains, tmp_path)
    for name, resume in (('whole', ()), ('one', ('--resume', 'whole/iter_4.pth')),
                         ('two', ('--resume', 'whole/iter_4.pth'))):
        run_tool('tools/train.py', config, '--amp', amp, '--work-dir', tmp_path / name, '--seed', 3, *resume,
                 cwd=tmp_path, timeout=300)
    start, whole, one, two = (weights_of(tmp_path / path) for path in (
        'whole/iter_4.pth', 'whole/iter_8.pth', 'one/iter_8.pth', 'two/iter_8.pth'))

    def apart(a: dict, b: dict) -> float:
        return float(sum((a[key] - b[key]).square().sum() for key in a).sqrt())

    assert apart(whole, start) > 0
    assert apart(whole, one) <= 3 * apart(one, two) + 0.01 * apart(whole, start)


def test_one_process_with_nccl(tmp_path: Path, run_tool):
    config = training('n2d_lpnet', ('night', 'day'), tmp_path)
    said = run_tool('tools/train.py', config, '--work-dir', tmp_path / 'nccl', '--launcher', 'pytorch', timeout=300,
                    env=dict(RANK='0', LOCAL_RANK='0', WORLD_SIZE='1', MASTER_ADDR='127.0.0.1', MASTER_PORT='29517'))
    assert (tmp_path / 'nccl/iter_8.pth').is_file(), said.stdout


def test_inference_is_that_of_the_cpu(tiny_config: Path, tiny_checkpoint: Path, tmp_path: Path):
    write_pictures(tmp_path / 'photos', 2, size=(75, 130))
    made = [NightgenInferencer(tiny_config, tiny_checkpoint, device=device)(str(tmp_path / 'photos'))['predictions']
            for device in ('cpu', 'cuda')]
    for a, b in zip(*made, strict=True):
        assert abs(a.astype(int) - b.astype(int)).max() <= 1


def test_inference_is_captured_as_a_graph():
    network = N2DLPNet(identity_init=True).cuda().eval()
    fast, x = network.to_inference(torch.float16), torch.rand(1, 3, 256, 512, device='cuda') * 2 - 1
    with torch.no_grad():
        for _ in range(3):
            fast(x)
        graph, fixed = torch.cuda.CUDAGraph(), copy.deepcopy(x)
        with torch.cuda.graph(graph):
            out = fast(fixed)
        fixed.copy_(x.flip(-1))
        graph.replay()
        assert (out - fast(x.flip(-1))).abs().max() < 1e-2
