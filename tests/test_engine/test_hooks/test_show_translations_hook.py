"""What the window of a test shows: one grid a sample, its parts in order, on the main process only."""

from types import SimpleNamespace

import numpy as np
import torch

from nightgen.engine.hooks import ShowTranslationsHook
from nightgen.structures import TranslationSample


def test_each_sample_is_shown_with_what_it_has_on_the_main_process():
    sample = TranslationSample(metainfo=dict(img_path='night/0001.png'))
    sample.source = torch.full((3, 40, 40), 10, dtype=torch.uint8)
    sample.fake = torch.full((3, 40, 40), 200, dtype=torch.uint8)
    shown = []
    visualizer = SimpleNamespace(show=lambda grid, win_name, wait_time: shown.append((grid, win_name, wait_time)))
    hook = ShowTranslationsHook(wait_time=0.5)
    for rank in (1, 0):
        hook.after_test_iter(SimpleNamespace(rank=rank, visualizer=visualizer), 0, outputs=[sample])
    [(grid, name, seconds)] = shown
    assert (name, seconds) == ('night/0001.png', 0.5)
    left, right = (np.median(half) for half in np.array_split(grid[-40:], 2, axis=1))
    assert (left, right) == (10, 200)  # source, then translation; no truth, no empty column
