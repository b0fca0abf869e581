"""The registries of nightgen: children of mmengine's, in the scope 'nightgen'.

Each one names its ``locations``, so a type is found without an import in the config. ``BACKBONES``, ``HEADS``,
``LOSSES``, ``DISCRIMINATORS`` and ``TRANSLATORS`` are ``MODELS`` under the name of a role: a third party registers
under the role, a config finds all of them in one place.
"""

from mmengine.registry import DATA_SAMPLERS as MMENGINE_DATA_SAMPLERS
from mmengine.registry import DATASETS as MMENGINE_DATASETS
from mmengine.registry import EVALUATOR as MMENGINE_EVALUATOR
from mmengine.registry import HOOKS as MMENGINE_HOOKS
from mmengine.registry import INFERENCERS as MMENGINE_INFERENCERS
from mmengine.registry import LOG_PROCESSORS as MMENGINE_LOG_PROCESSORS
from mmengine.registry import LOOPS as MMENGINE_LOOPS
from mmengine.registry import METRICS as MMENGINE_METRICS
from mmengine.registry import MODEL_WRAPPERS as MMENGINE_MODEL_WRAPPERS
from mmengine.registry import MODELS as MMENGINE_MODELS
from mmengine.registry import OPTIM_WRAPPER_CONSTRUCTORS as MMENGINE_OPTIM_WRAPPER_CONSTRUCTORS
from mmengine.registry import OPTIM_WRAPPERS as MMENGINE_OPTIM_WRAPPERS
from mmengine.registry import OPTIMIZERS as MMENGINE_OPTIMIZERS
from mmengine.registry import PARAM_SCHEDULERS as MMENGINE_PARAM_SCHEDULERS
from mmengine.registry import TASK_UTILS as MMENGINE_TASK_UTILS
from mmengine.registry import TRANSFORMS as MMENGINE_TRANSFORMS
from mmengine.registry import VISBACKENDS as MMENGINE_VISBACKENDS
from mmengine.registry import VISUALIZERS as MMENGINE_VISUALIZERS
from mmengine.registry import WEIGHT_INITIALIZERS as MMENGINE_WEIGHT_INITIALIZERS
from mmengine.registry import Registry


def _child(name: str, parent: Registry, location: str) -> Registry:
    return Registry(name, parent=parent, scope='nightgen', locations=[location])


MODELS = _child('model', MMENGINE_MODELS, 'nightgen.models')
BACKBONES = HEADS = LOSSES = DISCRIMINATORS = TRANSLATORS = MODELS
TASK_UTILS = _child('task util', MMENGINE_TASK_UTILS, 'nightgen.models.task_modules')
MODEL_WRAPPERS = _child('model wrapper', MMENGINE_MODEL_WRAPPERS, 'nightgen.engine.optimizers')
OPTIM_WRAPPER_CONSTRUCTORS = _child(
    'optimizer wrapper constructor', MMENGINE_OPTIM_WRAPPER_CONSTRUCTORS, 'nightgen.engine.optimizers')
HOOKS = _child('hook', MMENGINE_HOOKS, 'nightgen.engine.hooks')
LOOPS = _child('loop', MMENGINE_LOOPS, 'nightgen.engine.runner')
DATASETS = _child('dataset', MMENGINE_DATASETS, 'nightgen.datasets')
DATA_SAMPLERS = _child('data sampler', MMENGINE_DATA_SAMPLERS, 'nightgen.datasets.samplers')
TRANSFORMS = _child('transform', MMENGINE_TRANSFORMS, 'nightgen.datasets.transforms')
METRICS = _child('metric', MMENGINE_METRICS, 'nightgen.evaluation.metrics')
VISUALIZERS = _child('visualizer', MMENGINE_VISUALIZERS, 'nightgen.visualization')
INFERENCERS = _child('inferencer', MMENGINE_INFERENCERS, 'nightgen.apis')

# nightgen adds nothing to these; without a child of its own mmengine warns that it falls back to another scope.
OPTIMIZERS = _child('optimizer', MMENGINE_OPTIMIZERS, 'nightgen.engine.optimizers')
OPTIM_WRAPPERS = _child('optimizer wrapper', MMENGINE_OPTIM_WRAPPERS, 'nightgen.engine.optimizers')
PARAM_SCHEDULERS = _child('parameter scheduler', MMENGINE_PARAM_SCHEDULERS, 'nightgen.engine.optimizers')
VISBACKENDS = _child('visualizer backend', MMENGINE_VISBACKENDS, 'nightgen.visualization')
LOG_PROCESSORS = _child('log processor', MMENGINE_LOG_PROCESSORS, 'nightgen.engine')
EVALUATOR = _child('evaluator', MMENGINE_EVALUATOR, 'nightgen.evaluation')
WEIGHT_INITIALIZERS = _child('weight initializer', MMENGINE_WEIGHT_INITIALIZERS, 'nightgen.models')
