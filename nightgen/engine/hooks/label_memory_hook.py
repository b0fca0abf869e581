"""Fills the memory of a pairing rule with the label distributions of what was shown."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmengine.dist import all_gather_object
from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop, Runner

from nightgen.datasets.samplers.memory_guided import MemoryGuidedPairing, Row
from nightgen.registry import HOOKS

from .run_state import bare_model


@HOOKS.register_module()
class LabelMemoryHook(Hook):
    """Puts the crops of an iteration, those of all processes, into the memory of a ``MemoryGuidedPairing``.

    While it fills, it has the translator keep the label tensor, whether a term reads it or not. It costs nothing before
    ``begin`` and once every picture is remembered.

    Args:
        label: Name of a tensor N,H,W of class numbers of the memory's domain, at any size.
        begin: First epoch (0-based) whose crops are remembered: MornGAN's last stage.
        by_epoch: False: ``begin`` counts iterations.

    Raises:
        ValueError: Before training: another pairing rule, a name that the translator does not have, or epochs in a loop
            of iterations.
    """

    def __init__(self, label: str, begin: int = 0, by_epoch: bool = True):
        self.label, self.begin, self.by_epoch = label, begin, by_epoch
        self._kept: tuple[str, ...] = ()

    def before_train(self, runner: Runner) -> None:
        model, rule = bare_model(runner), getattr(runner.train_dataloader.dataset, 'pairing', None)
        if not isinstance(rule, MemoryGuidedPairing):
            raise ValueError('LabelMemoryHook fills the memory of a MemoryGuidedPairing, the training set pairs by '
                             f"{type(rule).__name__}: set pairing=dict(type='MemoryGuidedPairing', ...)")
        if self.label not in model.tensor_names():
            raise ValueError(f'LabelMemoryHook: no tensor {self.label!r}; there are {model.tensor_names()}')
        if self.by_epoch and self.begin and not isinstance(runner.train_loop, EpochBasedTrainLoop):
            raise ValueError(f'LabelMemoryHook: begin={self.begin} counts epochs (by_epoch=True), but '
                             f'{type(runner.train_loop).__name__} counts iterations and has a single epoch: give begin '
                             'in iterations with by_epoch=False')
        self._kept = model.keep

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None) -> None:
        own = (self.label,) if self._filling(runner) and self.label not in self._kept else ()
        bare_model(runner).keep = (*self._kept, *own)

    def after_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None,
                         outputs: dict | None = None) -> None:
        if not self._filling(runner):
            return
        rule = runner.train_dataloader.dataset.pairing
        rows = self._rows(rule, [sample.metainfo for sample in data_batch['data_samples']],
                          bare_model(runner).kept[self.label])
        before = len(rule.rows)
        rule.remember(row for part in all_gather_object(rows) for row in part)
        pictures = runner.train_dataloader.dataset.sizes()[rule.memory]
        if before == 0 or len(rule.rows) == pictures:
            runner.logger.info(f"memory: {len(rule.rows)} of {pictures} images of '{rule.memory}' are remembered")

    def _filling(self, runner: Runner) -> bool:
        dataset = runner.train_dataloader.dataset
        begun = (runner.epoch if self.by_epoch else runner.iter) >= self.begin
        return begun and len(dataset.pairing.rows) < dataset.sizes()[dataset.pairing.memory]

    @staticmethod
    def _rows(rule: MemoryGuidedPairing, shown: Sequence[dict], label: torch.Tensor) -> list[Row]:
        counts = torch.stack([(label == number).flatten(1).sum(dim=1) for number in rule.classes], dim=1).tolist()
        return [Row(meta['draw'], int(meta['sample_idx'][rule.memory]), tuple(meta['crop_box'][rule.memory]),
                    tuple(own)) for meta, own in zip(shown, counts, strict=True)]
