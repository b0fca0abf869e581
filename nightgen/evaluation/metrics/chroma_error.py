"""How far the colours are from the true ones."""

from nightgen.evaluation.functional import chroma_errors
from nightgen.registry import METRICS

from .per_image import PerImageMetric, picture


@METRICS.register_module()
class ChromaError(PerImageMetric):
    """Error of the ab channels of Lab between ``fake`` and ``truth``, mean over pictures (specs/cgan_colorization 9).

    Keys: ``ChromaError``, the mean absolute error in Lab units (lower is better), and ``PSNR_ab``, which has a peak of
    255 on raw ab values and is no PSNR of RGB pictures.

    Args:
        prefix: put before the keys.

    Raises:
        ValueError: a sample without truth, or of another size.
    """

    def values(self, sample: dict) -> dict[str, float]:
        fake, truth = picture(sample, 'fake', 'ChromaError'), picture(sample, 'truth', 'ChromaError')
        if fake.shape != truth.shape:
            raise ValueError(f'ChromaError: the output of {sample.get("img_path")} is {fake.shape}, its truth '
                             f'{truth.shape}')
        error, psnr = chroma_errors(fake, truth)
        return dict(ChromaError=error, PSNR_ab=psnr)
