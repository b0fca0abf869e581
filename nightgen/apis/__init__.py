"""nightgen from Python: the shipped models, a model from a config and a checkpoint, and images through it."""

from nightgen.utils.shipped import ModelEntry, config_path, list_models

from .colorization import PhotoColorization, translation_of
from .inferencer import ColorizationInferencer, NightgenInferencer
from .model import init_model
from .semantic_editor import SemanticMapEditor
from .translation import PRECISIONS, ImageTranslation, as_picture

__all__ = ['PRECISIONS', 'ColorizationInferencer', 'ImageTranslation', 'ModelEntry', 'NightgenInferencer',
           'PhotoColorization', 'SemanticMapEditor', 'as_picture', 'config_path', 'init_model', 'list_models',
           'translation_of']
