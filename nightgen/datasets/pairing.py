"""Which pictures of the domains meet in one unpaired sample. Rules are entries of ``TASK_UTILS``.

Rules choose in the main process, where the sampler draws. Both usual ways of walking the domains are here:
:class:`RandomPairing` along the longest one (CycleGAN, CUT, UNIT, N2D-LPNet) and :class:`IndependentPairing` with
replacement in every one (ToDayGAN, PearlGAN, MornGAN).
"""

from collections.abc import Mapping

import numpy as np

from nightgen.registry import TASK_UTILS
from nightgen.utils.seeding import Draw, Pick


class PairingRule:
    """Base of pairing rules.

    A third party registers its own under ``nightgen.registry.TASK_UTILS`` and names it in
    ``UnpairedDataset(pairing=dict(type=...))``. A rule may have state that training changes, a memory say, which hooks
    reach as ``runner.train_dataloader.dataset.pairing``; then it has

    - ``shared_run_state()`` and ``load_shared_run_state(state)``: plain values that a checkpoint carries, the same on
      every process;
    - ``delay``: a draw may use only what draws before ``draw - delay`` left behind. Data workers are asked for samples
      ahead of time, so a delay of at least ``(workers * prefetch_factor + 1) * batch size * processes`` draws makes the
      choices independent of their number; the training loops refuse a smaller one.
    """

    delay: int | None = None

    def bind(self, datasets: Mapping[str, object]) -> None:
        """Called once with the domain datasets, before the first draw; a rule may look at their records here."""

    def __call__(self, draw: Draw | int, sizes: dict[str, int], rng: np.random.RandomState) -> dict[str, int | Pick]:
        """Chooses one index per domain.

        Args:
            draw: the drawn index, from 0 to the length of the unpaired dataset (its longest domain), with ``draw.draw``
                and ``draw.seed``. A plain integer where a sample is looked at outside training.
            sizes: number of pictures by domain.
            rng: seeded from the draw; the only source of randomness to use.

        Returns:
            By domain an index, or a :class:`~nightgen.utils.seeding.Pick` with a crop or a flip to replay.
        """
        raise NotImplementedError(f'{type(self).__name__} must say how it pairs')  # abstract


@TASK_UTILS.register_module()
class RandomPairing(PairingRule):
    """The longest domain (the first of equals) takes the drawn index, every other one a random picture each time.

    LPTN walks both lists in step, which shows every night beside one and the same day; drawing anew is the choice of
    N2D-LPNet spec 5.
    """

    def __call__(self, draw: Draw | int, sizes: dict[str, int], rng: np.random.RandomState) -> dict[str, int]:
        anchor = max(sizes, key=sizes.get)
        return {domain: int(draw) if domain == anchor else int(rng.randint(size)) for domain, size in sizes.items()}


@TASK_UTILS.register_module()
class IndependentPairing(PairingRule):
    """A random picture of every domain each time, with replacement: an epoch leaves pictures out and repeats others.

    ComboGAN's data set and what descends from it: ToDayGAN, PearlGAN, MornGAN (specs: morngan 2.11).
    """

    def __call__(self, draw: Draw | int, sizes: dict[str, int], rng: np.random.RandomState) -> dict[str, int]:
        return {domain: int(rng.randint(size)) for domain, size in sizes.items()}


@TASK_UTILS.register_module()
class IndexPairing(PairingRule):
    """The same index in every domain, modulo its length (LPTN; also for aligned folders)."""

    def __call__(self, draw: Draw | int, sizes: dict[str, int], rng: np.random.RandomState) -> dict[str, int]:
        return {domain: draw % size for domain, size in sizes.items()}
