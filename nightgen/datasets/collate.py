"""Collating a batch in the worker that loaded it."""

from collections.abc import Sequence

from mmengine.dataset import pseudo_collate
from mmengine.registry import FUNCTIONS
from torch import Tensor
from torch.utils.data import default_collate


@FUNCTIONS.register_module()
def list_collate(batch: Sequence[dict], _scope_: str | None = None) -> dict:
    """mmengine's ``pseudo_collate`` for configs that others inherit from: pictures of a batch may differ in size.

    Args:
        batch: samples of ``PackTranslationInputs``.
        _scope_: not used; mmengine adds it to every entry of a config that inherits from ``nightgen::...``, and its own
            function does not take it.

    Returns:
        ``dict(inputs={name: [C,H,W, ...]}, data_samples=[...])``.
    """
    return pseudo_collate(batch)


@FUNCTIONS.register_module()
def stack_collate(batch: Sequence[dict], _scope_: str | None = None) -> dict:
    """As :func:`list_collate`, with every entry of ``inputs`` stacked to one tensor.

    A worker sends each tensor by itself, and the training process stacks them: for 16 pairs of 256x256 that costs it
    three times what one tensor per entry does. Entries whose pictures differ in size or type stay lists; the data
    preprocessor brings 8 and 16 bits together, or says which files they are.

    Args:
        batch: samples of ``PackTranslationInputs`` or ``UnpairedDataset``.
        _scope_: not used, as above.

    Returns:
        ``dict(inputs={name: N,C,H,W}, data_samples=[...])``.
    """
    collated = list_collate(batch)
    inputs = collated['inputs']
    for name, values in inputs.items():
        if all(isinstance(value, Tensor) for value in values) and \
                len({(value.shape, value.dtype) for value in values}) == 1:
            inputs[name] = default_collate(values)  # in a worker: straight into shared memory
    return collated
