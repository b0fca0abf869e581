"""What lies beside a picture: read where the data set has it, made where a recipe says how."""

from collections.abc import Callable, Mapping

from mmcv.transforms import BaseTransform

from nightgen.registry import TRANSFORMS

from .loading import LoadImage

MODES = dict(edges='grey', label='label', given_label='label')
"""How the files of an entry are read; those of any other name are colour pictures."""


@TRANSFORMS.register_module()
class LoadBeside(BaseTransform):
    """Puts beside the image what the data set was asked for with ``inputs=('edges', 'label')``, and nothing else.

    An entry is read from its file where the data set has one (``<entry>_path``, from ``beside`` of
    ``ImageFolderDataset`` or from a place that the data set knows), else made by its recipe. It belongs right after
    ``LoadImage``, before any geometry. Entries that an earlier step has made are left alone.

    Required keys: ``img``. Added keys: the entries (image fields: later geometry applies to them too).

    Args:
        make: transforms that make an entry, by its name: ``dict(edges=dict(type='CannyEdges'))``; or one for each
            domain, ``dict(edges=dict(day=dict(type='CannyEdges'), thermal=dict(type='CannyEdges', blur=1.0)))``.
        modes: how files are read (of :class:`LoadImage`), by entry, on top of :data:`MODES`.

    Raises:
        KeyError: neither a file nor a recipe, or a recipe that makes something else; says what to do.
    """

    def __init__(self, make: Mapping[str, Mapping] | None = None, modes: Mapping[str, str] | None = None):
        self.modes = {**MODES, **(modes or {})}
        self.recipes: dict[tuple[str, str | None], Callable[[dict], dict]] = {}
        for entry, recipe in (make or {}).items():
            for domain, step in ({None: recipe} if 'type' in recipe else recipe).items():
                self.recipes[entry, domain] = TRANSFORMS.build(dict(step))

    def recipe(self, entry: str, domain: str | None) -> Callable[[dict], dict] | None:
        """The transform that makes an entry of a domain's pictures; None where there is none."""
        return self.recipes.get((entry, domain), self.recipes.get((entry, None)))

    def transform(self, results: dict) -> dict:
        for entry in results.get('inputs', ()):
            if entry in results.get('img_fields', ()):
                continue
            if f'{entry}_path' in results:
                step = LoadImage(key=entry, mode=self.modes.get(entry, 'color'))
            else:
                step = self.recipe(entry, results.get('domain'))
            if step is None:
                raise KeyError(no_source(entry, results.get('domain')))
            results = step(results)
            if entry not in results:
                raise KeyError(f"LoadBeside: {step} is the recipe for '{entry}' and makes no such entry; give it "
                               f"key='{entry}'")
        return results

    def __repr__(self) -> str:
        recipes = ', '.join(f'{"_".join(filter(None, name))}: {step}' for name, step in self.recipes.items())
        return f'LoadBeside({recipes})'


def no_source(entry: str, domain: str | None) -> str:
    """The message about an entry that nobody provides."""
    return (f"'{entry}' of the domain {domain!r} is wanted, and neither a file nor a recipe has it: give the data set "
            f"beside=dict({entry}=<folder below data_root>), or LoadBeside of its pipeline "
            f'make=dict({entry}=dict({domain}=dict(type=...)))')
