"""The evaluation view: one domain, each picture once, beside its hidden truth where there is one."""

import os
from collections.abc import Mapping
from typing import Any

from mmengine.dataset import BaseDataset
from mmengine.logging import print_log
from torch.utils.data import Dataset

from nightgen.registry import DATASETS
from nightgen.utils.seeding import seeded_sample

from .annotations import BoxFile, LabelFolder
from .image_folder import ON_BROKEN

AUTO = 'auto'


def _key(dataset: BaseDataset, index: int) -> str:
    info = dataset.get_data_info(index)
    return info['key'] if 'key' in info else os.path.splitext(os.path.basename(info['img_path']))[0]


def named_entries(sample: Mapping, domain: str) -> dict[str, Any]:
    """The entries of a domain dataset's sample as a translator reads them: ``real`` becomes ``real_night``.

    Those that its ``PackTranslationInputs`` lists as ``full_names`` keep their name, whatever domain loads them.
    """
    full = sample['data_samples'].metainfo.get('full_names', ())
    return {name if name in full else f'{name}_{domain}': value for name, value in sample['inputs'].items()}


@DATASETS.register_module()
class SingleDomainDataset(Dataset):
    """A domain dataset whose entries carry the domain's name, as a translator reads them: ``real_night``.

    With ``truth``, the picture of the target domain with the same file stem (the path inside its folder without the
    ending) is put into ``data_samples.truth``. It is never among ``inputs``: no network sees it.

    Args:
        domain: name of the domain.
        dataset: config or instance of the domain dataset.
        truth: config or instance of the dataset of true pictures; None for none.
        label: folder of label maps ``<key>.png`` (:class:`LabelFolder`, or the arguments of one), for
            ``data_samples.label``; ``auto`` for the folder that ``dataset`` knows (``label_folder()``).
        boxes: COCO file of boxes (:class:`BoxFile`, or the arguments of one), for ``data_samples.boxes``; ``auto`` for
            the file that ``dataset`` knows (``box_file()``).
        on_broken: ``error`` or ``skip`` for both datasets (see ``ImageFolderDataset``; where the truth of a picture is
            unreadable, the picture is skipped too). None keeps what their configs say.

    Raises:
        FileNotFoundError: a picture has no truth or no label map.
        ValueError: two truths share a stem, a picture is not in the file of boxes, or ``auto`` asks a data set that
            does not know.
    """

    def __init__(self, domain: str, dataset: dict | BaseDataset, truth: dict | BaseDataset | None = None,
                 on_broken: str | None = None, label: str | dict | LabelFolder | None = None,
                 boxes: str | dict | BoxFile | None = None):
        if on_broken is not None and on_broken not in ON_BROKEN:
            raise ValueError(f"on_broken must be 'error' or 'skip', got {on_broken!r}")
        self.domain, self.on_broken = domain, on_broken
        self.dataset = self._build(dataset)
        self.truth = None if truth is None else self._build(truth)
        self.label = self._known(LabelFolder, label, 'label', 'label_folder')
        self.boxes = self._known(BoxFile, boxes, 'boxes', 'box_file')
        self.skipped: list[str] = []
        self._pairs: list[tuple[int, int | None]] | None = None

    def _build(self, config: dict | BaseDataset) -> BaseDataset:
        if not isinstance(config, Mapping):
            return config
        config = dict(config)
        if self.on_broken is not None:
            config['on_broken'] = self.on_broken
            if self.on_broken == 'skip':
                config['test_mode'] = True
        return DATASETS.build(config)

    def _known(self, kind: type, value: str | Mapping | LabelFolder | BoxFile | None, name: str,
               method: str) -> LabelFolder | BoxFile | None:
        if isinstance(value, Mapping):
            return kind(**value)
        if value == AUTO:
            if not hasattr(self.dataset, method):
                raise ValueError(f"{type(self.dataset).__name__} has no {method}(), which {name}='auto' asks; give a "
                                 'path, or None')
            value = getattr(self.dataset, method)()
        if isinstance(value, str) and kind is LabelFolder:
            return kind(value, label_set=getattr(self.dataset, 'label_set', None))
        return kind(value) if isinstance(value, str) else value

    @property
    def metainfo(self) -> dict:
        """The member's meta information, ``data_root``, ``domain``, and ``skipped``: paths left out as unreadable."""
        self.full_init()
        return dict(getattr(self.dataset, 'metainfo', None) or {}, data_root=getattr(self.dataset, 'data_root', None),
                    domain=self.domain, skipped=list(self.skipped))

    def full_init(self) -> None:
        """Loads the file lists and finds each picture's truth."""
        if self._pairs is not None:
            return
        for dataset in filter(None, (self.dataset, self.truth)):
            if hasattr(dataset, 'full_init'):
                dataset.full_init()
        self.skipped = list(getattr(self.dataset, 'skipped', ()))
        if self.truth is None:
            self._pairs = [(index, None) for index in range(len(self.dataset))]
        else:
            self._pairs = self._match()
        keys = [_key(self.dataset, index) for index, _ in self._pairs] if self.label or self.boxes else []
        for known in filter(None, (self.label, self.boxes)):
            known.check(keys)

    def _match(self) -> list[tuple[int, int]]:
        truths: dict[str, int] = {}
        for index in range(len(self.truth)):
            key = _key(self.truth, index)
            if key in truths:
                raise ValueError(f"two truth images share the stem '{key}': "
                                 f'{self.truth.get_data_info(truths[key])["img_path"]} and '
                                 f'{self.truth.get_data_info(index)["img_path"]}')
            truths[key] = index
        broken = set(getattr(self.truth, 'skipped_keys', ()))
        pairs, missing, without = [], [], []
        for index in range(len(self.dataset)):
            key = _key(self.dataset, index)
            path = self.dataset.get_data_info(index)['img_path']
            if key in truths:
                pairs.append((index, truths[key]))
            elif key in broken:
                without.append(path)
            else:
                missing.append(path)
        if missing:
            prefix = getattr(self.truth, 'data_prefix', {}).get('img', type(self.truth).__name__)
            raise FileNotFoundError(f'{len(missing)} of {len(self.dataset)} images have no truth of the same stem in '
                                    f'{prefix}; the first is {missing[0]}')
        if without:
            self.skipped += without
            print_log(f'{len(without)} images skipped because their truth is unreadable: {", ".join(without)}',
                      logger='current', level=30)
        return pairs

    def __len__(self) -> int:
        self.full_init()
        return len(self._pairs)

    def get_data_info(self, idx: int) -> dict:
        """The record of one picture."""
        self.full_init()
        return self.dataset.get_data_info(self._pairs[idx][0])

    def __getitem__(self, idx: int) -> dict:
        self.full_init()
        index, partner = self._pairs[int(idx)]
        with seeded_sample(idx):
            sample = self.dataset[index]
            inputs = named_entries(sample, self.domain)
            data_sample = sample['data_samples']
            data_sample.set_metainfo(dict(domain=self.domain, sample_idx=int(idx)))
            if partner is not None:
                data_sample.truth = self.truth[partner]['inputs']['real']
            if self.label is not None:
                data_sample.label = self.label.read(_key(self.dataset, index))
            if self.boxes is not None:
                data_sample.boxes = self.boxes.read(_key(self.dataset, index))
        return dict(inputs=inputs, data_samples=data_sample)
