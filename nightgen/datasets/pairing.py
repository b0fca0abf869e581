"""Which pictures of the other domains meet in one unpaired sample. Rules are entries of ``TASK_UTILS``."""

from collections.abc import Mapping

import numpy as np

from nightgen.registry import TASK_UTILS


class PairingRule:
    """Base of pairing rules.

    A third party registers its own under ``nightgen.registry.TASK_UTILS`` and names it in
    ``UnpairedDataset(pairing=dict(type=...))``.
    """

    def bind(self, datasets: Mapping[str, object]) -> None:
        """Called once with the domain datasets, before the first draw; a rule may look at their records here."""

    def __call__(self, index: int, sizes: dict[str, int], rng: np.random.RandomState) -> dict[str, int]:
        """Chooses one index per domain.

        Args:
            index: the drawn index, from 0 to the length of the unpaired dataset (its longest domain).
            sizes: number of pictures by domain.
            rng: seeded from the draw; the only source of randomness to use.
        """
        raise NotImplementedError(f'{type(self).__name__} must say how it pairs')  # abstract


@TASK_UTILS.register_module()
class RandomPairing(PairingRule):
    """The longest domain (the first of equals) takes the drawn index, every other one a random picture each time.

    LPTN walks both lists in step, which shows every night beside one and the same day; drawing anew is the choice of
    N2D-LPNet spec 5.
    """

    def __call__(self, index: int, sizes: dict[str, int], rng: np.random.RandomState) -> dict[str, int]:
        anchor = max(sizes, key=sizes.get)
        return {domain: index if domain == anchor else int(rng.randint(size)) for domain, size in sizes.items()}


@TASK_UTILS.register_module()
class IndexPairing(PairingRule):
    """The same index in every domain, modulo its length (LPTN; also for aligned folders)."""

    def __call__(self, index: int, sizes: dict[str, int], rng: np.random.RandomState) -> dict[str, int]:
        return {domain: index % size for domain, size in sizes.items()}
