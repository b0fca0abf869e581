"""The scores of one training iteration: judges look at a real image once, whoever needs the scores."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import torch
from torch import Tensor, nn

from nightgen.models.losses.adversarial import Scores

from .tensors import Tensors, detach


class JudgedTerm(Protocol):
    """What is asked of a loss term: the judging player, the key of its network, and what the term reads."""

    key: str
    judge: str
    domain: str | None
    reads: dict[str, str]
    two_sided: bool


class Judging:
    """What adversarial terms ask of the judges in one iteration.

    A real image is judged once. Where the generator's side needs the scores before the judge's own turn, they are made
    with the judge's graph: the generator's side gets their values, the judge's turn the graph. So a judge runs as often
    as in the authors' code, and the spectral norm's vectors move as often. A judge that steps first judges anew for a
    generator's side that needs real scores, since its weights are others then.

    Args:
        network: From a term to the network that judges for it.
        parameters: The trainable parameters of each player.
        tensors: The iteration's tensors.
    """

    def __init__(self, network: Callable[[JudgedTerm], nn.Module], parameters: dict[str, list[nn.Parameter]],
                 tensors: Tensors):
        self.network = network
        self._parameters = parameters
        self._tensors = tensors
        self._now: Collection[str] = ()
        self._later: Collection[str] = ()
        self._real: dict[tuple, Scores] = {}

    def begin(self, now: Collection[str], later: Collection[str]) -> None:
        """A turn begins: the players of this turn, and those of the iteration's later ones."""
        self._now, self._later = now, later

    def end(self) -> None:
        """The turn is over: the scores of the judges that had it are of weights that may have changed."""
        self._real = {key: scores for key, scores in self._real.items() if key[0] not in self._now}

    def fake(self, term: JudgedTerm, image: Tensor) -> Scores:
        """Scores of a translation, with the graph that belongs to the current turn."""
        return self.network(term)(image)

    def real(self, term: JudgedTerm) -> Scores:
        """Scores of the term's real image: with their graph in the judge's own turn, else their values."""
        key = term.judge, term.domain, term.reads['real']
        if key not in self._real:
            self._real[key] = self._judge(term)
        return self._real[key] if term.judge in self._now else detach(self._real[key])

    def _judge(self, term: JudgedTerm) -> Scores:
        image, network = self._tensors.read(term.reads['real'], ()), self.network(term)
        if term.judge in self._now:
            return network(image)
        if term.judge not in self._later:
            with torch.no_grad():
                return network(image)
        with requiring_gradients(self._parameters[term.judge]):
            return network(image)


@contextmanager
def requiring_gradients(parameters: Sequence[nn.Parameter]) -> Iterator[None]:
    """Let parameters require gradients for the length of a block; the graph that it makes stays usable after it."""
    before = [parameter.requires_grad for parameter in parameters]
    try:
        for parameter in parameters:
            parameter.requires_grad_(True)
        yield
    finally:
        for parameter, required in zip(parameters, before, strict=True):
            parameter.requires_grad_(required)
