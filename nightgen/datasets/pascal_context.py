"""PASCAL-Context: photos of VOC 2010 with maps of 59 classes and background."""

from typing import Any

from mmengine.fileio import join_path

from nightgen.registry import DATASETS

from .image_folder import ImageFolderDataset

SPLITS = dict(train=('train',), val=('val',), trainval=('train', 'val'))
LISTS, PHOTOS, MAPS = 'ImageSets/SegmentationContext', 'JPEGImages', 'SegmentationClassContext'


@DATASETS.register_module()
class PascalContextDataset(ImageFolderDataset):
    """10,103 photos in the layout that mmseg's converter writes; 4,998 to train and 5,105 to validate.

    ``JPEGImages/<name>.jpg``, ``SegmentationClassContext/<name>.png`` in mmseg's alphabetical order, and
    ``ImageSets/SegmentationContext/{train,val}.txt``. ``tools/dataset_converters/pascal_context.py`` makes maps and
    lists of the dataset as it is distributed. Label maps (``inputs=('label',)``) come in the order of the label set
    ``pascal_context``, which has 60 classes with the background.

    Args:
        data_root: VOC 2010's folder.
        split: ``train``, ``val`` or ``trainval`` (what the paper trains on).
        **kwargs: Of :class:`ImageFolderDataset`; ``domain`` is ``color`` unless given.
    """

    def __init__(self, data_root: str = 'data/VOCdevkit/VOC2010', split: str = 'trainval', domain: str = 'color',
                 label_set: str = 'pascal_context:mmseg', **kwargs: Any):
        if split not in SPLITS:
            raise ValueError(f'PascalContextDataset: split must be of {tuple(SPLITS)}, got {split!r}')
        self.split = split
        super().__init__(data_root=data_root, data_prefix=dict(img=PHOTOS), ann_file=f'{LISTS}/{SPLITS[split][0]}.txt',
                         domain=domain, label_set=label_set, **kwargs)

    def names_from_list(self, folder: str) -> list[str]:
        names = []
        for part in SPLITS[self.split]:
            self.ann_file = join_path(self.data_root, LISTS, f'{part}.txt')
            names += super().names_from_list(folder)
        return names

    def listed(self, line: str) -> str:
        return f'{line}.jpg'

    def known_folder(self, entry: str, data_root: str) -> str | None:
        return join_path(data_root, MAPS) if entry == 'label' else None

    def label_folder(self) -> str:
        return join_path(self.data_root, MAPS)
