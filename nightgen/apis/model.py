"""A model from a config and a checkpoint."""

import os

import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope

from nightgen.checkpoint import load_checkpoint, load_weights, model_config_for
from nightgen.models.translators import BaseTranslator
from nightgen.registry import MODELS
from nightgen.utils.shipped import config_path, shipped_weights


def init_model(config: str | os.PathLike | Config, checkpoint: str | os.PathLike | None = None,
               device: str | torch.device = 'cpu', trusted: bool = False) -> BaseTranslator:
    """Build a model, give it trained weights, and set it up for inference.

    Args:
        config: A path, a shipped config (``nightgen::n2d_lpnet/bdd100k.py``), a shipped model's name, or a Config.
        checkpoint: A checkpoint file. Averaged weights in it (``ema``) are preferred. Without one a shipped model has
            its published weights; any other, and one from a Config, has those that training starts from. One that was
            published for inference makes a model without losses and judging networks.
        device: Where the model goes.
        trusted: Load a checkpoint that carries code; for files of known origin only.

    Returns:
        The model in evaluation mode; ``model.cfg`` is its config.

    Raises:
        FileNotFoundError: No such config or checkpoint.
        nightgen.checkpoint.UntrustedCheckpointError: The checkpoint carries code.
        nightgen.checkpoint.CheckpointMismatchError: The checkpoint is of another network.
    """
    cfg = config if isinstance(config, Config) else Config.fromfile(config_path(config))
    if 'model' not in cfg:
        raise KeyError(f"the config {cfg.filename or ''} describes no model: it has {sorted(cfg.keys())}")
    if checkpoint is None and not isinstance(config, Config):
        checkpoint = shipped_weights(config)
    content = None if checkpoint is None else load_checkpoint(checkpoint, trusted=trusted)
    with DefaultScope.overwrite_default_scope('nightgen'):
        model = MODELS.build(cfg.model if content is None else model_config_for(content, cfg.model))
        if content is None:
            model.init_weights()
        else:
            load_weights(model, content)
    model.cfg = cfg
    return model.to(device).eval()
