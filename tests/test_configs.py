"""Every shipped config: it reads without imports, every type in it exists, its model is built and makes an image."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope, init_default_scope

from nightgen.checkpoint import INFERENCE_ONLY, WEIGHTS_OF_TRAINING, load_weights, model_config_for
from nightgen.engine.hooks.translator_check_hook import check_end, schedules
from nightgen.models.translators import ColorizationTranslator
from nightgen.registry import (
    DATA_SAMPLERS,
    DATASETS,
    HOOKS,
    LOOPS,
    METRICS,
    MODEL_WRAPPERS,
    MODELS,
    OPTIM_WRAPPER_CONSTRUCTORS,
    TASK_UTILS,
    TRANSFORMS,
    VISUALIZERS,
)
from nightgen.utils.settings import PLACES, changed_settings

CONFIGS = Path(__file__).resolve().parents[1] / 'configs'
# Of mmseg and mmdet models, in their scopes.
EXPERTS = sorted([*CONFIGS.glob('experts/*.py'), *CONFIGS.glob('semantic_colorization/*gridnet.py')])
METHODS = sorted(set(CONFIGS.glob('[!_]*/*.py')) - set(EXPERTS))
BASES = sorted(CONFIGS.glob('_base_/**/*.py'))
NARROWED = ('ContrastiveTranslator', 'CycleTranslator', 'DualContrastiveTranslator', 'MornGANTranslator',
            'OneSidedTranslator')
TWO_SIDED_PARTS = ('ResNetGenerator', 'ResNetEncoder', 'ResNetDecoder', 'PatchDiscriminator', 'ThreeViewDiscriminator')


def name_of(path: Path) -> str:
    return path.relative_to(CONFIGS).as_posix()


# Batches of the papers are of one picture for two-sided methods, else of 16; and what departs from that.
ONE_BY_ONE = ('cut', 'cyclegan', 'dclgan', 'dico', 'dlamgan', 'flsesim', 'gcgan', 'morngan', 'negcut', 'pearlgan',
              'todaygan', 'unit')
SHORT_BATCHES = {'n2d_lpnet/nightscape.py': 4, 'n2d_lpnet/nightscape_small.py': 8, 'pix2pix/imagenet.py': 1,
                 'n2d_lpnet/night2day.py': 8, 'n2d_lpnet/night2day_nightscape.py': 8,
                 'cut/night2day.py': 4, 'todaygan/night2day.py': 2,
                 'cgan_colorization/photos.py': 8,
                 'zhang2016/imagenet.py': 40,
                 'zhang2017/imagenet.py': 32, 'dico/bdd100k_batch_reference.py': 8,
                 **{name_of(path): 8 for folder in (
                     'cgan_colorization', 'pix2pix', 'semantic_colorization', 'zhang2016', 'zhang2017') for path in
                    CONFIGS.glob(f'{folder}/*_small*.py')}}
# mmengine's own registries, and functions that data loaders name.
ROOTS = ('COLLATE_FUNCTIONS', 'FUNCTIONS', 'LOG_PROCESSORS', 'OPTIMIZERS', 'OPTIM_WRAPPERS', 'PARAM_SCHEDULERS',
         'VISBACKENDS', 'WEIGHT_INITIALIZERS', 'EVALUATOR', 'STRATEGIES', 'RUNNERS')
REGISTRIES = (MODELS, DATASETS, DATA_SAMPLERS, TRANSFORMS, HOOKS, LOOPS, METRICS, VISUALIZERS, TASK_UTILS,
              MODEL_WRAPPERS, OPTIM_WRAPPER_CONSTRUCTORS)


def all_registries() -> list:
    import mmengine.registry as root
    return [*REGISTRIES, *(getattr(root, name) for name in ROOTS if hasattr(root, name))]


def types_in(value: Any, path: str = '') -> Iterator[tuple[str, str]]:
    """(where, type) of every ``type`` and ``constructor`` that a config names."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ('type', 'constructor') and isinstance(inner, str):
                yield f'{path}.{key}', inner
            yield from types_in(inner, f'{path}.{key}')
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from types_in(inner, f'{path}[{index}]')


def narrow(model: dict) -> dict:
    """A two-sided model with an eighth of the channels; widths that do not fit together still do not."""
    def shrunk(config: Any) -> Any:
        if not isinstance(config, dict):
            return config
        small = {key: shrunk(value) for key, value in config.items()}
        if config.get('type') in TWO_SIDED_PARTS:
            takes = inspect.signature(MODELS.get(config['type'])).parameters
            small.update({key: config.get(key, takes[key].default) // 8 for key in ('base', 'groups') if key in takes})
        return small

    return shrunk(model) if model['type'] in NARROWED else model


def test_there_are_configs():
    assert len(METHODS) >= 10 and len(BASES) >= 5


@pytest.mark.parametrize('path', METHODS + EXPERTS + BASES, ids=name_of)
def test_it_has_no_imports(path: Path):
    tree = ast.parse(path.read_text(encoding='utf-8'))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    first = path.read_text(encoding='utf-8').splitlines()[0]
    assert first.startswith('# '), 'the first line of a config says what it is'


@pytest.mark.parametrize('path', METHODS, ids=name_of)
def test_every_type_resolves(path: Path):
    cfg = Config.fromfile(path)
    assert cfg.default_scope == 'nightgen'
    init_default_scope('nightgen')
    registries = all_registries()
    unknown = [(where, name) for where, name in types_in(cfg.to_dict())
               if not any(registry.get(name) is not None for registry in registries)]
    assert not unknown


@pytest.mark.parametrize('path', EXPERTS, ids=name_of)
def test_every_type_of_an_expert_resolves(path: Path):
    cfg = Config.fromfile(path)
    pytest.importorskip(cfg.default_scope)
    pytest.importorskip('mmcv.ops')
    with DefaultScope.overwrite_default_scope(cfg.default_scope):
        import mmengine.registry as root
        registries = [getattr(root, name) for name in dir(root) if name.isupper()]
        unknown = []
        for where, name in types_in(cfg.to_dict()):
            found = False
            for registry in filter(lambda one: hasattr(one, 'switch_scope_and_registry'), registries):
                with registry.switch_scope_and_registry(cfg.default_scope) as scoped:
                    found = found or scoped.get(name) is not None
            if not found and not where.endswith('.nms.type'):  # functions of mmcv.ops, in no registry
                unknown.append((where, name))
    assert not unknown


@pytest.mark.parametrize('path', METHODS, ids=name_of)
def test_its_model_makes_an_image(path: Path):
    cfg = Config.fromfile(path)
    with DefaultScope.overwrite_default_scope('nightgen'):
        model = MODELS.build(narrow(cfg.model)).eval()
    colorizes = isinstance(model, ColorizationTranslator)  # luma in, chroma out
    image = torch.rand(1, 1 if colorizes else 3, 64, 96) * 2 - 1
    named = model.example_inputs((64, 96))[1]
    made = model.translate(image, **named)
    assert made.shape == (1, 2 if colorizes else 3, 64, 96) and made.abs().max() <= 1 and made.isfinite().all()


@pytest.mark.parametrize('path', [path for path in METHODS if path.stem == 'nightscape_small'], ids=name_of)
def test_its_weights_can_be_published_for_inference(path: Path):
    """Players that make tensors but judge nothing (MornGAN's segmentation networks) stay, whatever is left out."""
    cfg = Config.fromfile(path)
    with DefaultScope.overwrite_default_scope('nightgen'):
        whole = MODELS.build(narrow(cfg.model)).eval()
        published = dict(meta={INFERENCE_ONLY: True}, state_dict={
            key: value for key, value in whole.state_dict().items() if not key.startswith(WEIGHTS_OF_TRAINING)})
        model = MODELS.build(model_config_for(published, narrow(cfg.model))).eval()
    load_weights(model, published)
    image, named = model.example_inputs((64, 96))
    with torch.no_grad():
        assert model.translate(image, **named).equal(whole.translate(image, **named))


@pytest.mark.parametrize('path', METHODS, ids=name_of)
def test_it_can_be_trained_and_tested(path: Path):
    """What a run needs is there and fits together; the data it names need not be on this disk."""
    cfg = Config.fromfile(path)
    for part in ('model', 'test_dataloader', 'test_cfg', 'test_evaluator', 'default_hooks', 'model_wrapper_cfg'):
        assert part in cfg, f'{part} is missing'
    if not cfg.get('train_dataloader'):
        pytest.skip('a config to test with only')
    assert (cfg.get('val_dataloader') is None) == (cfg.get('val_cfg') is None) == (cfg.get('val_evaluator') is None)
    with DefaultScope.overwrite_default_scope('nightgen'):
        model = MODELS.build(narrow(cfg.model))
    constructor = OPTIM_WRAPPER_CONSTRUCTORS.build(dict(type=cfg.optim_wrapper.pop('constructor'),
                                                        optim_wrapper_cfg=cfg.optim_wrapper))
    wrapper = constructor(model)
    held = {id(p) for name in wrapper.keys() for group in wrapper[name].param_groups for p in group['params']}
    assert held == {id(p) for p in model.parameters() if p.requires_grad}
    pipeline = cfg.train_dataloader.dataset
    members = [pipeline.dataset] if pipeline.type == 'ColorizationDataset' else \
        [pipeline[domain] for domain in cfg.model.domains if domain in pipeline]
    assert [member.pipeline[-1]['type'] for member in members] == ['PackTranslationInputs'] * len(cfg.model.domains)


@pytest.mark.parametrize('path', METHODS, ids=name_of)
def test_its_data_have_what_the_model_reads_and_what_its_top_level_says(path: Path):
    """As it is in the file: no tool has been at it."""
    cfg = Config.fromfile(path)
    assert changed_settings(cfg) == []
    assert {name for name in PLACES if cfg.get(name) is not None} == set(cfg.made_with)
    if cfg.get('train_dataloader'):
        dataset = cfg.train_dataloader.dataset  # what a domain loads under its full name is asked for there
        of_domains = [name for domain in cfg.model.domains for name in dataset.get(domain, {}).get('inputs', ())]
        assert (*dataset.get('inputs', ()), *of_domains) == tuple(cfg.model.get('inputs', ()))
        batch_size = SHORT_BATCHES.get(name_of(path), 1 if path.parent.name in ONE_BY_ONE else 16)
        assert cfg.train_dataloader.batch_size == batch_size


@pytest.mark.parametrize('path', [path for path in METHODS if path.stem != 'dark_zurich'], ids=name_of)
def test_its_schedule_ends_with_its_run(path: Path):
    cfg = Config.fromfile(path)
    loop, ends = LOOPS.get(cfg.train_cfg.type), dict(cfg.train_cfg)
    runner = SimpleNamespace(train_loop=loop.__new__(loop), max_iters=ends.get('max_iters'),
                             max_epochs=ends.get('max_epochs'))
    for place, schedulers in schedules(cfg.get('param_scheduler')):
        check_end(runner, place, schedulers)


@pytest.mark.parametrize('path', METHODS, ids=name_of)
def test_the_best_checkpoint_has_a_direction(path: Path):
    """``save_best`` without ``rule`` does nothing, or the wrong thing, for most metrics of translation."""
    checkpoint = Config.fromfile(path).default_hooks.checkpoint
    assert checkpoint.get('save_best') in (None, 'auto') or checkpoint.get('rule') in ('less', 'greater')
