"""A rendered Nightscape folder as domain datasets."""

import json
import os

from mmengine.fileio import exists, get_text, join_path

from nightgen.registry import DATASETS

from .image_folder import ImageFolderDataset
from .nightscape import NIGHTSCAPE_VERSION, data_name, render_command

RENDERINGS = ('day', 'night', 'thermal')


@DATASETS.register_module()
class NightscapeDataset(ImageFolderDataset):
    """One rendering of a Nightscape split: ``<split>/<rendering>/NNNNNN.png``, beside ``manifest.json``.

    Surveillance views have a folder per camera below the rendering; ``camera`` is then in every sample, and ``key``
    starts with it. Val and test show the same scenes in every rendering under the same key; train does not.

    True label maps are ``<split>/label``, boxes ``<split>/boxes_<rendering>.json``. Label maps that an expert made for
    training are ``<data_root>_pseudo/label_<rendering>``: the files of ``data_root`` are those of its manifest.
    ``metainfo['data_name']`` is what tables say of it, as ``Nightscape 2.0``.

    Args:
        data_root: the folder that ``tools/dataset_converters/nightscape.py --out`` wrote.
        split: ``train``, ``val`` or ``test``.
        rendering: ``day``, ``night`` or ``thermal``.
        **kwargs: of :class:`ImageFolderDataset`; ``domain`` is the rendering unless given.

    Raises:
        FileNotFoundError: no manifest (not rendered, or not to the end); says the command that renders the data.
        ValueError: rendered by another version, whose pictures and so whose numbers would not be comparable.
    """

    expert = 'nightgen::_base_/experts/nightscape.py'

    def __init__(self, data_root: str = 'data/nightscape', split: str = 'train', rendering: str = 'night',
                 data_prefix: dict | None = None, domain: str | None = None, **kwargs):
        if split not in ('train', 'val', 'test') or rendering not in RENDERINGS:
            raise ValueError(f'NightscapeDataset: split must be train, val or test and rendering of {RENDERINGS}, got '
                             f'split={split!r}, rendering={rendering!r}')
        self.split, self.rendering = split, rendering
        super().__init__(data_root=data_root, data_prefix=data_prefix or dict(img=f'{split}/{rendering}'),
                         domain=domain or rendering, **kwargs)

    def load_data_list(self) -> list[dict]:
        manifest = join_path(self.data_root, 'manifest.json')
        if not exists(manifest, backend_args=self.backend_args):
            raise FileNotFoundError(f'{self._who()}: {self._absolute(manifest)} does not exist; render the data with '
                                    f'`python tools/dataset_converters/nightscape.py --out {self.data_root}`, or set '
                                    'data_root')
        try:
            held = json.loads(get_text(manifest, backend_args=self.backend_args))
            version = held.get('version')
        except (ValueError, AttributeError) as error:
            raise ValueError(f'{self._who()}: {self._absolute(manifest)} is no manifest ({error}); delete the folder '
                             'and render it again') from error
        if version != NIGHTSCAPE_VERSION:
            again = render_command(self.data_root, held)
            raise ValueError(f'{self._who()}: {self._absolute(manifest)} is of version {version}, this nightgen needs '
                             f'{NIGHTSCAPE_VERSION}; delete the folder and run `{again}`')
        self._metainfo['data_name'] = data_name(held)  # heads the tables of what is measured on it
        return super().load_data_list()

    def known_folder(self, entry: str, data_root: str) -> str | None:
        if entry != 'label' or self.split != 'train':
            return None
        return join_path(f'{data_root.rstrip("/")}_pseudo', f'label_{self.rendering}')

    def label_folder(self) -> str:
        return join_path(self.data_root, self.split, 'label')

    def box_file(self) -> str:
        return join_path(self.data_root, self.split, f'boxes_{self.rendering}.json')

    def make_info(self, folder: str, name: str) -> dict:
        info = super().make_info(folder, name)
        camera = os.path.dirname(name)
        return dict(info, camera=camera) if camera else info
