"""Edge maps beside the image, found where no folder has them."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from nightgen.functional import canny_edges, matlab_grey
from nightgen.registry import TRANSFORMS
from nightgen.utils.images import to_uint8

from .fields import add_image_field


def edge_map(image: np.ndarray, low: float = 0.1, high: float = 0.2, blur: float = 0.0) -> np.ndarray:
    """The Canny edges of MATLAB's ``edge(rgb2gray(I), 'canny', [low high])`` as a picture.

    Args:
        image: uint8 or uint16, H,W,3 or H,W,1 or H,W.
        low, high: thresholds; 0.1 and 0.2 made PearlGAN's edges of day pictures (specs/morngan 4.5).
        blur: standard deviation in pixels of a Gaussian over the picture before, against a sensor's noise; 0 for none.

    Returns:
        uint8 H,W: 255 at edges, else 0.

    Raises:
        ValueError: thresholds out of order, a negative blur, or a picture of fewer than 3x3 pixels.
    """
    if blur < 0:
        raise ValueError(f'blur is a standard deviation, 0 or more, got {blur}')
    grey = matlab_grey(to_uint8(np.ascontiguousarray(image)))
    if blur:
        grey = cv2.GaussianBlur(grey.astype(np.float64), (0, 0), blur, borderType=cv2.BORDER_REPLICATE)
    return 255 * canny_edges(grey, low, high)


@TRANSFORMS.register_module()
class CannyEdges(BaseTransform):
    """Puts the image's edge map beside it, for structured gradient alignment.

    It belongs right after ``LoadImage``, before any geometry: edges are then those of the whole picture, as an offline
    tool finds them, and are cropped and flipped with it. ``dict(type='LoadImage', key='edges', mode='grey')`` reads
    edge maps of any other origin instead; ``tools/pseudo_label/edges.py`` writes these.

    Required key: ``img``. Added key: ``edges`` (H,W,1 uint8, an image field; the data preprocessor makes it [0, 1]).

    Args:
        low, high, blur: see :func:`edge_map`.
        key: the entry to make.

    Raises:
        ValueError: settings that :func:`edge_map` refuses.
    """

    def __init__(self, low: float = 0.1, high: float = 0.2, blur: float = 0.0, key: str = 'edges'):
        edge_map(np.zeros((3, 3), np.uint8), low, high, blur)  # refuses bad settings now, not in a worker
        self.low, self.high, self.blur, self.key = low, high, blur, key

    def transform(self, results: dict) -> dict:
        results[self.key] = edge_map(results['img'], self.low, self.high, self.blur)[..., None]
        add_image_field(results, self.key)
        return results

    def __repr__(self) -> str:
        return f"CannyEdges(low={self.low}, high={self.high}, blur={self.blur}, key='{self.key}')"
