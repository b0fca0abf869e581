"""Every translation of a test as a file."""

from collections.abc import Sequence
from pathlib import Path

from mmengine.hooks import Hook
from mmengine.runner import Runner

from nightgen.registry import HOOKS
from nightgen.utils.images import tensor_to_image, write_image


@HOOKS.register_module()
class SaveTranslationsHook(Hook):
    """Write each test sample's ``fake`` as ``out_dir/<path inside its folder>.png``.

    Args:
        out_dir (str): Made if it is not there. Files of the same name are replaced.

    Raises:
        ValueError: If two samples would have the same file.
    """

    priority = 'BELOW_NORMAL'

    def __init__(self, out_dir: str):
        self.out_dir = Path(out_dir)
        self._written: set[Path] = set()

    def before_test_epoch(self, runner: Runner) -> None:
        self.out_dir.mkdir(parents=True, exist_ok=True)
        self._written = set()

    def after_test_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None,
                        outputs: Sequence | None = None) -> None:
        for sample in outputs or ():
            meta = sample.metainfo
            name = Path(meta['key'] if 'key' in meta else Path(meta['img_path']).stem)
            target = self.out_dir / f'{name}.png'
            if target in self._written or not target.resolve().is_relative_to(self.out_dir.resolve()):
                raise ValueError(f'{meta.get("img_path")} would be written to {target}, which another image has '
                                 'taken or which lies outside the folder')
            self._written.add(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            write_image(str(target), tensor_to_image(sample.fake))
