"""Networks, losses and the translators that compose them; importing this package registers every one of them."""

from . import (  # noqa: F401
    backbones,
    data_preprocessor,
    discriminators,
    experts,
    heads,
    layers,
    losses,
    pseudo_labels,
    task_modules,
    translators,
)
