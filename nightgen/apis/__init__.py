"""nightgen from Python: the shipped models, a model from a config and a checkpoint, and images through it."""

from .inferencer import NightgenInferencer
from .model import init_model
from .translation import PRECISIONS, ImageTranslation, as_picture
from .zoo import ModelEntry, config_path, list_models

__all__ = ['PRECISIONS', 'ImageTranslation', 'ModelEntry', 'NightgenInferencer', 'as_picture', 'config_path',
           'init_model', 'list_models']
