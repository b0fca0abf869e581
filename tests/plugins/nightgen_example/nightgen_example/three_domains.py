"""A translator over three domains with a second judge."""

from torch import nn

from nightgen.models.translators import BaseTranslator
from nightgen.registry import MODELS, TRANSLATORS


@TRANSLATORS.register_module()
class ThreeWayTranslator(BaseTranslator):
    """Every domain into every other one; beside the discriminators a critic of the mean colours.

    Tensors: ``real_X``, and ``fake_X_Y``, the picture of Y translated into X.
    """

    def __init__(self, domains, generator: dict, discriminator: dict, direction=None, **kwargs):
        def networks(config: dict) -> nn.ModuleDict:
            return nn.ModuleDict({domain: MODELS.build(config) for domain in domains})

        self.direction = tuple(direction or domains[:2])
        critics = nn.ModuleDict({domain: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(3, 1, 1))
                                 for domain in domains})
        super().__init__(domains, networks(generator), networks(discriminator), networks=dict(critics=critics),
                         **kwargs)

    @property
    def default_direction(self) -> tuple[str, str]:
        return self.direction

    def judges(self) -> dict[str, nn.ModuleDict]:
        return {**super().judges(), 'critic': self.critics}

    def producers(self) -> dict[str, tuple[str, str]]:
        return {f'fake_{target}_{source}': ('_fake', f'{target} {source}')
                for target in self.domains for source in self.domains if source != target}

    def _fake(self, pair: str, tensors):
        target, source = pair.split()
        return self.generators[target](tensors[f'real_{source}'])
