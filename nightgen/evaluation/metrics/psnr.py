"""PSNR against the hidden truth."""

from nightgen.evaluation.functional import psnr
from nightgen.registry import METRICS

from .per_image import PerImageMetric, picture


@METRICS.register_module()
class PSNR(PerImageMetric):
    """Peak signal-to-noise ratio between ``fake`` and ``truth``, decibels, higher is better.

    Per picture on uint8 RGB (data range 255, all channels together), then the mean over pictures.

    Args:
        prefix: put before the key, ``<prefix>/PSNR``.

    Raises:
        ValueError: a sample without truth, or of another size.
    """

    def values(self, sample: dict) -> dict[str, float]:
        fake, truth = picture(sample, 'fake', 'PSNR'), picture(sample, 'truth', 'PSNR')
        if fake.shape != truth.shape:
            raise ValueError(f'PSNR: the output of {sample.get("img_path")} is {fake.shape}, its truth {truth.shape}')
        return dict(PSNR=psnr(fake, truth))
