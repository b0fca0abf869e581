"""A model from a config and a checkpoint."""

import os
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope

from nightgen.checkpoint import load_checkpoint, load_weights
from nightgen.models.translators import BaseTranslator
from nightgen.registry import MODELS
from nightgen.utils.shipped import config_path


def init_model(config: str | os.PathLike | Config, checkpoint: str | os.PathLike | None = None,
               device: str | torch.device = 'cpu', trusted: bool = False) -> BaseTranslator:
    """Build a model, give it trained weights, and set it up for inference.

    Args:
        config: A path, a shipped config (``nightgen::n2d_lpnet/bdd100k.py``), a shipped model's name, or a Config.
        checkpoint: A checkpoint file. Averaged weights in it (``ema``) are preferred. Without one the model has the
            weights that training starts from.
        device: Where the model goes.
        trusted: Load a checkpoint that carries code; for files of known origin only.

    Returns:
        The model in evaluation mode; ``model.cfg`` is its config.

    Raises:
        FileNotFoundError: No such config or checkpoint.
        nightgen.checkpoint.UntrustedCheckpointError: The checkpoint carries code.
        nightgen.checkpoint.CheckpointMismatchError: The checkpoint is of another network.
    """
    cfg = config if isinstance(config, Config) else Config.fromfile(config_path(Path(config) if isinstance(
        config, os.PathLike) else config))
    if 'model' not in cfg:
        raise KeyError(f"the config {cfg.filename or ''} describes no model: it has {sorted(cfg.keys())}")
    with DefaultScope.overwrite_default_scope('nightgen'):
        model = MODELS.build(cfg.model)
        if checkpoint is None:
            model.init_weights()
        else:
            load_weights(model, load_checkpoint(checkpoint, trusted=trusted))
    model.cfg = cfg
    return model.to(device).eval()
