"""How colourful the outputs are."""

from nightgen.evaluation.functional import colourfulness
from nightgen.registry import METRICS

from .per_image import PerImageMetric, picture


@METRICS.register_module()
class Colourfulness(PerImageMetric):
    """Hasler and Suesstrunk's colourfulness of ``fake`` (0 is grey), mean over pictures.

    It has no better direction: compare it with that of real days. Needs no truth.

    Args:
        prefix: put before the key, ``<prefix>/Colourfulness``.
    """

    def values(self, sample: dict) -> dict[str, float]:
        return dict(Colourfulness=colourfulness(picture(sample, 'fake', 'Colourfulness')))
