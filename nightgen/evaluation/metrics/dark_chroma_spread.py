"""How much colour a translator scatters over what the night does not show."""

import math
from typing import Any

from nightgen.evaluation.functional import dark_chroma_spread
from nightgen.registry import METRICS

from .per_image import PerImageMetric, picture


@METRICS.register_module()
class DarkChromaSpread(PerImageMetric):
    """Spread of the output's chroma (Lab units) where ``source`` is black, mean over pictures; lower is better.

    Blotches and coloured speckles in a dark sky or on dark asphalt raise it, and so does an output that knows, or
    guesses, that one black region is blue sky and another grey road: a real day has about 8. Compare translators of one
    set with it, not with days. Pictures without a black pixel do not count; their number is in ``details``.

    Args:
        threshold: A pixel is black if none of its channels exceeds this (0 to 255).
        prefix: Put before the key.

    Raises:
        ValueError: A sample without source, or of another size; or no picture has a black pixel.
    """

    def __init__(self, threshold: int = 25, prefix: str | None = None):
        super().__init__(prefix=prefix)
        self.threshold = threshold

    def values(self, sample: dict) -> dict[str, float]:
        fake, source = (picture(sample, name, 'DarkChromaSpread') for name in ('fake', 'source'))
        if fake.shape != source.shape:
            raise ValueError(f'DarkChromaSpread: the output of {sample.get("img_path")} is {fake.shape[:2]}, its '
                             f'source {source.shape[:2]}')
        return dict(DarkChromaSpread=dark_chroma_spread(fake, source, self.threshold))

    def compute_metrics(self, results: list[dict[str, Any]]) -> dict[str, float]:
        spreads = [item for item in results if not math.isnan(item['DarkChromaSpread'])]
        self.details = dict(pictures=len(spreads), without_black=len(results) - len(spreads))
        if not spreads:
            raise ValueError(f'DarkChromaSpread: none of {len(results)} sources has a pixel that is at most '
                             f'{self.threshold} in all channels; raise threshold, or leave this metric out')
        return super().compute_metrics(spreads)
