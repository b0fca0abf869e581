# Nightscape: the procedural sample world. Needs numpy and OpenCV only.
"""Street scenes drawn from a seed and rendered by day, by night, thermally, with labels and boxes."""

from .scene import CATEGORIES, NIGHTSCAPE_VERSION, RENDERINGS, VIEWS, Scene, render_scene
from .weather import THERMAL_CAMERAS
from .writer import (
    NightscapeError,
    Request,
    check_dataset,
    data_name,
    render_command,
    rendered_name,
    write_dataset,
    write_split,
)

__all__ = [
    'CATEGORIES',
    'NIGHTSCAPE_VERSION',
    'RENDERINGS',
    'THERMAL_CAMERAS',
    'VIEWS',
    'NightscapeError',
    'Request',
    'Scene',
    'check_dataset',
    'data_name',
    'render_command',
    'render_scene',
    'rendered_name',
    'write_dataset',
    'write_split',
]
