"""Networks, losses and the translators that compose them; importing this package registers every one of them."""

from . import backbones, data_preprocessor, discriminators, experts, heads, layers, losses, task_modules, translators  # noqa: F401
