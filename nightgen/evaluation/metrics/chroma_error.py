"""How far the colours are from the true ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from mmengine.logging import print_log

from nightgen.evaluation.functional import chroma_errors, class_chroma_errors
from nightgen.registry import METRICS
from nightgen.structures.label_sets import load_label_set

from .per_image import PerImageMetric, picture


@METRICS.register_module()
class ChromaError(PerImageMetric):
    """Error of the ab channels of Lab between ``fake`` and ``truth``, mean over pictures (specs/cgan_colorization 9).

    Keys: ``ChromaError``, the mean absolute error in Lab units (lower is better), and ``PSNR_ab``, which has a peak of
    255 on raw ab values and is no PSNR of RGB pictures. With ``label_set`` also ``ChromaError_<class>``, the mean over
    all pixels of that class in the data set; a class that no label has is NaN and named in the log.

    Args:
        label_set: What the true label maps of the samples mean (:mod:`nightgen.structures.label_sets`), for the error
            of each class; None for none.
        prefix: put before the keys.

    Raises:
        ValueError: a sample without truth, or of another size; without label map, or one that does not fit.
    """

    def __init__(self, label_set: str | None = None, prefix: str | None = None):
        super().__init__(prefix)
        self.classes = () if label_set is None else load_label_set(label_set).classes

    def values(self, sample: dict) -> dict[str, Any]:
        fake, truth = picture(sample, 'fake', 'ChromaError'), picture(sample, 'truth', 'ChromaError')
        if fake.shape != truth.shape:
            raise ValueError(f'ChromaError: the output of {sample.get("img_path")} is {fake.shape}, its truth '
                             f'{truth.shape}')
        error, psnr = chroma_errors(fake, truth)
        numbers: dict[str, Any] = dict(ChromaError=error, PSNR_ab=psnr)
        if self.classes:
            if 'label' not in sample:
                raise ValueError(f'ChromaError: {sample.get("img_path")} has no label map; give the evaluation data '
                                 "set label='auto' or a folder, or leave label_set out")
            try:
                numbers['classes'] = class_chroma_errors(fake, truth, np.asarray(sample['label']), len(self.classes))
            except ValueError as wrong:
                raise ValueError(f'ChromaError: {sample.get("img_path")}: {wrong}') from wrong
        return numbers

    def compute_metrics(self, results: list[dict[str, Any]]) -> dict[str, float]:
        per_class = [item.pop('classes') for item in results if 'classes' in item]
        numbers = super().compute_metrics(results)
        if not per_class:
            return numbers
        pixels = np.sum([counts for _, counts in per_class], axis=0)
        absent = [name for name, count in zip(self.classes, pixels, strict=True) if not count]
        if absent:
            print_log(f'ChromaError: no label has {", ".join(absent)}: NaN', logger='current', level=30)
        for number, name in enumerate(self.classes):
            total = math.fsum(sums[number] for sums, _ in per_class)
            numbers[f'ChromaError_{name.replace(" ", "_")}'] = total / pixels[number] if pixels[number] else math.nan
        self.details = dict(pixels={name: int(count) for name, count in zip(self.classes, pixels, strict=True)})
        return numbers
