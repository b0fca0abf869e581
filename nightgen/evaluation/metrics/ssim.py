"""SSIM against the hidden truth."""

from nightgen.evaluation.functional import ssim
from nightgen.registry import METRICS

from .per_image import PerImageMetric, picture


@METRICS.register_module()
class SSIM(PerImageMetric):
    """Structural similarity between ``fake`` and ``truth``, at most 1, higher is better.

    Per picture on uint8 RGB (data range 255, Gaussian window 11 with sigma 1.5, mean over channels), then the mean over
    pictures.

    Args:
        prefix: put before the key, ``<prefix>/SSIM``.

    Raises:
        ValueError: a sample without truth, or of another size.
    """

    def values(self, sample: dict) -> dict[str, float]:
        fake, truth = picture(sample, 'fake', 'SSIM'), picture(sample, 'truth', 'SSIM')
        if fake.shape != truth.shape:
            raise ValueError(f'SSIM: the output of {sample.get("img_path")} is {fake.shape}, its truth {truth.shape}')
        return dict(SSIM=ssim(fake, truth))
