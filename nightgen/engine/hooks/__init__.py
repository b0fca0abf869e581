"""Hooks of a run: checkpoints, averages, pictures, and checks."""

from .autocast_hook import AutocastHook
from .checkpoint_hook import ResumableCheckpointHook
from .ema_hook import GeneratorEMAHook
from .finite_loss_hook import FiniteLossHook, NotFiniteError
from .label_memory_hook import LabelMemoryHook
from .picture_grid_hook import PictureGridHook
from .picture_size_hook import PictureSizeHook
from .progress_hook import ProgressHook
from .run_state import ResumeError
from .runtime_info_hook import LeanRuntimeInfoHook
from .save_translations_hook import SaveTranslationsHook
from .show_translations_hook import ShowTranslationsHook
from .stage_hook import StageHook
from .translation_time_hook import TranslationTimeHook
from .translator_check_hook import TranslatorCheckHook

__all__ = ['AutocastHook', 'FiniteLossHook', 'GeneratorEMAHook', 'LabelMemoryHook', 'LeanRuntimeInfoHook',
           'NotFiniteError', 'PictureGridHook', 'PictureSizeHook', 'ProgressHook', 'ResumableCheckpointHook',
           'ResumeError', 'SaveTranslationsHook', 'ShowTranslationsHook', 'StageHook', 'TranslationTimeHook',
           'TranslatorCheckHook']
