"""One domain as a folder of pictures: the base of every domain dataset."""

import os
from collections.abc import Callable, Mapping, Sequence

from mmengine.dataset import BaseDataset
from mmengine.fileio import exists, isdir, join_path, list_from_file
from mmengine.logging import print_log

from nightgen.registry import DATASETS, TRANSFORMS
from nightgen.structures.label_sets import label_table
from nightgen.utils.counts import check_numbers
from nightgen.utils.images import IMAGE_EXTENSIONS, BrokenImageError, read_image
from nightgen.utils.listing import list_pictures
from nightgen.utils.ranges import Range, checked_range
from nightgen.utils.seeding import Pick, seeded_sample

from .reference import REFERENCE, add_references
from .transforms.beside import LoadBeside, no_source

ON_BROKEN = ('error', 'skip')


@DATASETS.register_module()
class ImageFolderDataset(BaseDataset):
    """Pictures of one domain, in a folder.

    A sample given to the pipeline has ``img_path``, ``key`` (path inside the folder without its ending, which pairs
    files of different folders), ``sample_idx`` and, where set, ``domain``.

    Args:
        data_root: root of ``data_prefix`` and ``ann_file``.
        data_prefix: ``dict(img=<folder>)``.
        ann_file: optional text file with one path per line, relative to the image folder (``#`` starts a comment); the
            pictures are then these, in this order, instead of all of the folder.
        extensions: file endings taken from a folder, upper or lower case.
        recursive: also take the pictures of sub-folders.
        domain: name of the domain, put into every sample.
        beside: folders below ``data_root`` with a PNG ``<key>.png`` for every picture, by the name of the entry:
            ``dict(label='train/label_day')`` gives each sample ``label_path``, which ``LoadBeside`` (or
            ``dict(type='LoadImage', key='label', mode='label')``) reads. Pictures must have the size of the image.
        inputs: entries that the pipeline's ``LoadBeside`` puts beside the image: ``('edges', 'label')``. Each comes
            from ``beside``, from the folder that the data set knows (:meth:`known_folder`), or from a recipe.
            ``UnpairedDataset(inputs=...)`` hands them down.
        variants: which of several folders that the data set knows for an entry: ``dict(label='fused')`` takes label
            maps from ``label_day_fused`` in place of ``label_day``.
        on_broken: ``error`` raises :class:`BrokenImageError` at the first unreadable picture; ``skip`` reads every
            picture once at the start, drops the unreadable ones, logs their names and number, and keeps them in
            ``skipped`` and ``metainfo['skipped']``. Only with ``test_mode=True``: a training set must be whole.
        pipeline, test_mode, indices, serialize_data, lazy_init, metainfo: as in mmengine. ``max_refetch`` is 0: a
            pipeline that returns None is an error, not a silent replacement.
        backend_args: of mmengine's file backend.
        label_set: what the label maps beside the pictures hold: ``'<label set>'`` or ``'<label set>:<reading>'``
            (:mod:`nightgen.structures.label_sets`). They are then class numbers of that set, whatever the files hold,
            and a value that is none is an error that names the file. None takes the stored values.
        reference: the daytime reference of the pictures, which some methods read: a path with ``{root}``
            for ``data_root`` and ``{camera}`` for a picture's camera (:func:`~.reference.reference_path`). It is loaded
            where ``inputs=('reference_day',)`` asks for it, cropped and flipped with the picture, and keeps its name in
            the batch.
        range: which numbers of the files become black and white: ``full``, ``10bit``, ``12bit``, ``14bit``, ``minmax``,
            ``percentile`` or two numbers (:func:`~nightgen.utils.ranges.to_range`). Every sample carries it for
            ``LoadImage``. With ``full``, a few files are looked at, and a warning says where they ask for another.

    Raises:
        FileNotFoundError: missing or empty folder, missing list, listed file or file beside a picture; says which.
        ValueError: an entry of ``inputs`` that nobody provides; says what to do. A variant of an entry that is not one.
    """

    expert = 'EXPERT'
    """Config of the segmentor that makes label maps of these pictures, for a message."""
    recorded: tuple[str, ...] = ()
    """Entries whose path is in every record."""

    def __init__(self, data_root: str = '', data_prefix: dict | None = None, ann_file: str = '',
                 extensions: Sequence[str] = IMAGE_EXTENSIONS, recursive: bool = True, domain: str | None = None,
                 beside: Mapping[str, str] | None = None, inputs: Sequence[str] = (), on_broken: str = 'error',
                 variants: Mapping[str, str] | None = None,
                 pipeline: Sequence[dict | Callable] = (), test_mode: bool = False, max_refetch: int = 0,
                 backend_args: dict | None = None, label_set: str | None = None, range: Range = 'full',
                 reference: str | None = None, **kwargs):
        if on_broken not in ON_BROKEN:
            raise ValueError(f"on_broken must be 'error' or 'skip', got {on_broken!r}")
        if on_broken == 'skip' and not test_mode:
            raise ValueError("on_broken='skip' is for evaluation (test_mode=True); a training set with unreadable "
                             'images must be fixed')
        data_prefix = dict(img='') if data_prefix is None else dict(data_prefix)
        if 'img' not in data_prefix:
            raise ValueError(f"data_prefix needs the entry 'img', got {sorted(data_prefix)}")
        self.extensions = tuple(extension.lower() for extension in extensions)
        self.recursive, self.domain, self.on_broken, self.backend_args = recursive, domain, on_broken, backend_args
        self.label_set = label_set
        if label_set is not None:
            label_table(label_set)  # an unknown one fails now
        self.skipped: list[str] = []
        self.skipped_keys: list[str] = []
        steps = [TRANSFORMS.build(step) if isinstance(step, dict) else step for step in pipeline]
        self.inputs = (inputs,) if isinstance(inputs, str) else tuple(inputs)
        self.reference = reference
        if reference is not None:
            self.recorded = (*self.recorded, REFERENCE)
        self.beside = {entry: join_path(data_root, below) for entry, below in (beside or {}).items()}
        self._find_inputs(data_root, steps, variants or {})
        self.range = self._range_of(steps, checked_range(range))
        super().__init__(ann_file=ann_file, data_root=data_root, data_prefix=data_prefix, pipeline=steps,
                         test_mode=test_mode, max_refetch=max_refetch, **kwargs)

    @staticmethod
    def _range_of(steps: Sequence[Callable], stated: str | tuple[float, float]) -> str | tuple[float, float]:
        """The range in which pictures are read, which whoever reads the files without the pipeline has to know too."""
        loaded = {step.range for step in steps if getattr(step, 'key', None) == 'img' and getattr(step, 'range', None)}
        if len(loaded | ({stated} - {'full'})) > 1:
            raise ValueError(f'range={stated!r} of the data set and range={loaded.pop()!r} of its LoadImage differ; '
                             'state it once')
        return loaded.pop() if loaded else stated

    # --- which files -------------------------------------------------------------------------------------------------
    def load_data_list(self) -> list[dict]:
        """One dict per picture, in natural order or in the order of ``ann_file``."""
        folder = self.data_prefix['img']
        if not isdir(folder, backend_args=self.backend_args):
            raise FileNotFoundError(f'{self._who()}: the image folder {self._absolute(folder)} does not exist')
        names = self.names_from_list(folder) if self.ann_file else self.names_in_folder(folder)
        infos = [self.make_info(folder, name) for name in names]
        if self.range != 'full':
            infos = [dict(info, range=self.range) for info in infos]
        if self.label_set is not None:
            infos = [dict(info, label_set=self.label_set) for info in infos]
        check_numbers([info['img_path'] for info in infos], self._who(), self.range, self.backend_args)
        for entry, place in self.beside.items():
            self.add_beside(infos, entry, place)
        if self.reference is not None and REFERENCE in self.inputs:
            infos = add_references(infos, self.reference, self.data_root, self._who(), self.backend_args)
        return infos

    # --- what lies beside them ---------------------------------------------------------------------------------------
    def known_folder(self, entry: str, data_root: str) -> str | None:
        """Where this data set keeps an entry of its pictures, ``<key>.png``; None if it has no place for it."""
        return None

    def label_folder(self) -> str:
        """Where the true label maps of the pictures are: what ``SingleDomainDataset(label='auto')`` takes.

        Raises:
            ValueError: the data set does not know.
        """
        raise ValueError(f"{self._who()} does not know where its label maps are: in place of label='auto' give their "
                         'folder, or None')

    def box_file(self) -> str:
        """The file of the true boxes: what ``SingleDomainDataset(boxes='auto')`` takes.

        Raises:
            ValueError: the data set does not know.
        """
        raise ValueError(f"{self._who()} does not know where its boxes are: in place of boxes='auto' give their COCO "
                         'file, or None')

    def _find_inputs(self, data_root: str, steps: Sequence[Callable], variants: Mapping[str, str]) -> None:
        idle = [entry for entry in variants if entry not in self.inputs or entry in self.beside
                or self.known_folder(entry, data_root) is None]
        if idle:
            raise ValueError(f'{self._who()}: variants of {idle} would do nothing: they go with entries of inputs='
                             f'{self.inputs} whose folder the data set knows')
        loader = next((step for step in steps if isinstance(step, LoadBeside)), None)
        for entry in self.inputs:
            if any(getattr(step, 'key', None) == entry for step in steps):
                continue  # a step of its own
            if loader is None:
                raise ValueError(f"{self._who()}: '{entry}' is wanted, and no step of the pipeline loads it; put "
                                 "dict(type='LoadBeside') behind LoadImage")
            known = self.known_folder(entry, data_root)
            if entry not in self.beside and known is not None:
                self.beside[entry] = '_'.join([known, variants[entry]] if entry in variants else [known])
            if entry not in (*self.beside, *self.recorded) and loader.recipe(entry, self.domain) is None:
                raise ValueError(f'{self._who()}: {no_source(entry, self.domain)}')

    def get_data_info(self, idx: int) -> dict:
        """The record of one picture, with the entries that are wanted beside it."""
        info = super().get_data_info(idx)
        return dict(info, inputs=self.inputs) if self.inputs else info

    def add_beside(self, infos: Sequence[dict], entry: str, folder: str) -> None:
        """Gives every record ``<entry>_path``, the file of its key in ``folder``.

        Raises:
            FileNotFoundError: Files that are not there; says how many and which is the first.
        """
        for info in infos:
            info[f'{entry}_path'] = join_path(folder, f'{info["key"]}.png')
        missing = [info for info in infos if not exists(info[f'{entry}_path'], backend_args=self.backend_args)]
        if missing:
            raise FileNotFoundError(
                f"{self._who()}: {len(missing)} of {len(infos)} images have no '{entry}' beside them in "
                f'{self._absolute(folder)}; the first is {missing[0]["key"]}.png. Label maps are made by `python '
                f'tools/pseudo_label/segment.py {self.expert} {self.data_prefix["img"]} {folder}`, edge maps by '
                'edges.py there')

    def names_in_folder(self, folder: str) -> list[str]:
        """Relative paths of all pictures of the folder; see :func:`~nightgen.utils.listing.list_pictures`."""
        names = list_pictures(folder, self.extensions, self.recursive, self.accepts, self.backend_args)
        if not names:
            deeper = '' if self.recursive else ' (sub-folders are not searched: recursive=False)'
            raise FileNotFoundError(f'{self._who()}: no image in {self._absolute(folder)}{deeper}; looked for '
                                    f'{self.wanted()}')
        return names

    def names_from_list(self, folder: str) -> list[str]:
        """Relative paths as ``ann_file`` lists them, each checked to exist."""
        if not exists(self.ann_file, backend_args=self.backend_args):
            raise FileNotFoundError(f'{self._who()}: the list {self._absolute(self.ann_file)} does not exist')
        lines = (line.strip() for line in list_from_file(self.ann_file, backend_args=self.backend_args))
        names = [self.listed(line) for line in lines if line and not line.startswith('#')]
        if not names:
            raise FileNotFoundError(f'{self._who()}: the list {self._absolute(self.ann_file)} is empty')
        self.check_listed(names, folder, self.ann_file)
        return names

    def listed(self, line: str) -> str:
        """The path inside the image folder that a line of ``ann_file`` means."""
        return line

    def check_listed(self, names: Sequence[str], folder: str, source: str) -> None:
        """Raises FileNotFoundError if pictures that ``source`` lists are not in the folder."""
        missing = [name for name in names if not exists(join_path(folder, name), backend_args=self.backend_args)]
        if missing:
            raise FileNotFoundError(f'{self._who()}: {len(missing)} of the {len(names)} files listed in {source} are '
                                    f'not in {self._absolute(folder)}; the first is {missing[0]}')

    def accepts(self, name: str) -> bool:
        """Whether a file found in the folder belongs to the data set; subclasses narrow it."""
        return True

    def wanted(self) -> str:
        """What the data set looks for, for the message about an empty folder."""
        return 'files ending in ' + ' '.join(self.extensions)

    def make_info(self, folder: str, name: str) -> dict:
        """The record of one picture; subclasses add to it."""
        info = dict(img_path=join_path(folder, name), key=os.path.splitext(name)[0])
        if self.domain is not None:
            info['domain'] = self.domain
        return info

    # --- unreadable pictures -----------------------------------------------------------------------------------------
    def filter_data(self) -> list[dict]:
        """Drops unreadable pictures where ``on_broken='skip'`` asks for it."""
        if self.on_broken == 'error':
            return self.data_list
        whole, reasons = [], []
        for info in self.data_list:
            try:
                read_image(info['img_path'], backend_args=self.backend_args, value_range=self.range)
            except BrokenImageError as error:
                reasons.append(str(error))
                self.skipped.append(info['img_path'])
                self.skipped_keys.append(info['key'])
            else:
                whole.append(info)
        if reasons:
            print_log(f'{self._who()}: {len(reasons)} of {len(self.data_list)} images skipped:\n  '
                      + '\n  '.join(reasons), logger='current', level=30)
        if not whole:
            raise FileNotFoundError(f'{self._who()}: none of the {len(reasons)} images can be read; {reasons[0]}')
        self._metainfo['skipped'] = list(self.skipped)
        return whole

    # --- samples -----------------------------------------------------------------------------------------------------
    def __getitem__(self, idx: int) -> dict:
        """The packed sample; its random numbers come from the draw when ``idx`` is a ``Draw``."""
        with seeded_sample(idx):
            return super().__getitem__(idx)

    def prepare_data(self, idx: int) -> dict:
        """The picture's record through the pipeline; with a ``Pick`` also what is to be replayed, as ``replay``."""
        info = self.get_data_info(int(idx))
        if isinstance(idx, Pick) and idx.replay:
            info['replay'] = dict(idx.replay)
        return self.pipeline(info)

    def _who(self) -> str:
        return f'{type(self).__name__}' + (f" of domain '{self.domain}'" if self.domain else '')

    @staticmethod
    def _absolute(path: str) -> str:
        return path if '://' in path else os.path.abspath(path)
