"""A pairing rule with a memory: days that were shown are shown again, cropped and mirrored as they were."""

import numpy as np
from mmengine.dist import all_gather_object
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper

from nightgen.datasets.pairing import PairingRule
from nightgen.registry import HOOKS, TASK_UTILS
from nightgen.utils.seeding import Draw, Pick


@TASK_UTILS.register_module()
class ReplayPairing(PairingRule):
    """Nights in turn; the day is a remembered crop where the memory holds one that is ``delay`` draws old, else random.

    A row of the memory is (draw, index of the day, crop box, flip, mean of what was made of the night).
    """

    def __init__(self, delay: int):
        self.delay, self.rows = delay, []

    def __call__(self, draw: Draw | int, sizes: dict[str, int], rng: np.random.RandomState) -> dict[str, int | Pick]:
        old = [row for row in self.rows if row[0] < getattr(draw, 'draw', 0) - self.delay]
        if not old:
            return dict(night=draw % sizes['night'], day=int(rng.randint(sizes['day'])))
        _, index, crop_box, flip, _ = old[rng.randint(len(old))]
        return dict(night=draw % sizes['night'], day=Pick(index, crop_box=crop_box, flip=flip))

    def remember(self, rows: list[tuple]) -> None:
        self.rows = sorted([*self.rows, *rows])

    def shared_run_state(self) -> dict:
        return dict(rows=self.rows)

    def load_shared_run_state(self, state: dict) -> None:
        self.rows = list(state['rows'])


@HOOKS.register_module()
class RememberHook(Hook):
    """Puts every sample's crop into the memory, of all processes, with the mean of the kept ``fake_day``."""

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        shown = [sample.metainfo for sample in data_batch['data_samples']]
        rows = [(meta['draw'], *(meta[key]['day'] for key in ('sample_idx', 'crop_box', 'flip')), fake.mean().item())
                for meta, fake in zip(shown, model.kept['fake_day'], strict=True)]
        runner.train_dataloader.dataset.pairing.remember([row for part in all_gather_object(rows) for row in part])
