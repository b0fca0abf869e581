"""COCO-Stuff: photos of COCO 2017 with label maps, to test colorizers on."""

from typing import Any

from mmengine.fileio import join_path

from nightgen.registry import DATASETS

from .image_folder import ImageFolderDataset

SPLITS = ('train2017', 'val2017')


@DATASETS.register_module()
class COCOStuffDataset(ImageFolderDataset):
    """``images/<split>/*.jpg`` with the maps of stuff and things ``annotations/<split>/*.png``, as they are downloaded.

    Label maps are read as the 60 classes of PASCAL-Context, by hand where names differ (``pascal_context:coco_stuff``):
    what has no counterpart is background. mmseg's ``*_labelTrainIds.png`` beside them are not read.

    Args:
        data_root: The folder that holds ``images`` and ``annotations``.
        split: ``train2017`` or ``val2017``.
        **kwargs: Of :class:`ImageFolderDataset`; ``domain`` is ``color`` unless given, ``ann_file`` lists a selection.
    """

    def __init__(self, data_root: str = 'data/coco_stuff164k', split: str = 'val2017', domain: str = 'color',
                 label_set: str = 'pascal_context:coco_stuff', **kwargs: Any):
        if split not in SPLITS:
            raise ValueError(f'COCOStuffDataset: split must be of {SPLITS}, got {split!r}')
        self.split = split
        super().__init__(data_root=data_root, data_prefix=dict(img=f'images/{split}'), domain=domain,
                         label_set=label_set, **kwargs)

    def known_folder(self, entry: str, data_root: str) -> str | None:
        return join_path(data_root, f'annotations/{self.split}') if entry == 'label' else None

    def label_folder(self) -> str:
        return join_path(self.data_root, f'annotations/{self.split}')
