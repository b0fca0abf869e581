"""Fixed cameras: NightSuR's six scenes, folders of webcams, and LLVIP."""

from pathlib import PurePath
from typing import Any

from mmengine.fileio import isdir, join_path, list_dir_or_file

from nightgen.registry import DATASETS

from .image_folder import ImageFolderDataset

NIGHTSUR_SCENES = ('darkness', 'traffic', 'pedestrian_b', 'pedestrian_g', 'crowds', 'vehicle')
"""The scenes of DiCo's NightSuR, 6,574 images together; each has its own model (dico spec 8)."""


@DATASETS.register_module()
class FixedCameraDataset(ImageFolderDataset):
    """Pictures of fixed cameras, any number of cameras: ``<camera>/<time of day>/*``, or another ``layout``.

    Each sample has ``camera``; ``key`` is ``<camera>/<path in its folder, without the ending>``. With
    ``reference='{root}/{camera}/background.png'`` and ``inputs=('reference_day',)`` it also has the camera's view by
    day (see :class:`ImageFolderDataset`).

    Args:
        data_root: The folder of the cameras.
        timeofday: ``day`` or ``night`` (or another folder's name).
        cameras: Only these; None for all that have such a folder.
        layout: Where a camera's pictures are, with ``{camera}`` and ``{timeofday}``; Nightscape's surveillance view has
            ``train/{timeofday}/{camera}``.
        **kwargs: Of :class:`ImageFolderDataset`; ``domain`` is the time of day unless given.

    Raises:
        ValueError: A layout without ``{camera}`` as one folder of its path.
        FileNotFoundError: A camera has no such folder, or none has.
    """

    def __init__(self, data_root: str, timeofday: str = 'night', cameras: tuple[str, ...] | str | None = None,
                 layout: str = '{camera}/{timeofday}', domain: str | None = None, **kwargs: Any):
        parts = PurePath(layout).parts
        if parts.count('{camera}') != 1:
            raise ValueError(f"{type(self).__name__}: layout={layout!r} needs '{{camera}}' as one of its folders")
        before, after = (join_path('', *part).replace('{timeofday}', timeofday) for part in
                         (parts[:parts.index('{camera}')], parts[parts.index('{camera}') + 1:]))
        self.timeofday, self.before, self.after = timeofday, before, after
        self.cameras = (cameras,) if isinstance(cameras, str) else None if cameras is None else tuple(cameras)
        super().__init__(data_root=data_root, domain=domain or timeofday, **kwargs)

    def camera_folder(self, camera: str) -> str:
        """Where a camera's pictures are, below the folder of them all."""
        return join_path(*filter(None, (self.before, camera, self.after)))

    def names_in_folder(self, folder: str) -> list[str]:
        above = join_path(folder, self.before)
        there = sorted(list_dir_or_file(above, list_file=False, backend_args=self.backend_args)) if isdir(above) else []
        cameras = [camera for camera in there if isdir(join_path(folder, self.camera_folder(camera)))] \
            if self.cameras is None else self.cameras
        missing = [camera for camera in cameras if not isdir(join_path(folder, self.camera_folder(camera)))]
        if missing or not cameras:
            raise FileNotFoundError(
                f'{self._who()}: {self._absolute(folder)} has no folder '
                f'{self.camera_folder(missing[0] if missing else "<camera>")}; {self.before or "it"} has '
                f'{", ".join(there) or "nothing"}')
        names = []
        for camera in cameras:
            part = self.camera_folder(camera)
            names += [join_path(part, name) for name in super().names_in_folder(join_path(folder, part))]
        return names

    def make_info(self, folder: str, name: str) -> dict:
        info = super().make_info(folder, name)
        skipped = len(PurePath(self.before).parts)
        camera, *rest = PurePath(info['key']).parts[skipped:]
        inside = rest[len(PurePath(self.after).parts):]
        return dict(info, camera=camera, key='/'.join((camera, *inside)))


@DATASETS.register_module()
class NightSuRDataset(FixedCameraDataset):
    """One scene of NightSuR, laid out as ``<scene>/{day,night}/*`` beside its reference ``<scene>/background.png``.

    The data set is not public, and neither its layout nor its splits are published; this is the layout that nightgen
    asks for, the same as for one's own cameras.

    Args:
        scene: One of :data:`NIGHTSUR_SCENES`.
        **kwargs: Of :class:`FixedCameraDataset`.
    """

    def __init__(self, scene: str, data_root: str = 'data/nightsur', **kwargs: Any):
        if scene not in NIGHTSUR_SCENES:
            raise ValueError(f'NightSuRDataset: scene must be of {", ".join(NIGHTSUR_SCENES)}, got {scene!r}')
        super().__init__(data_root=data_root, cameras=(scene,), **kwargs)


@DATASETS.register_module()
class LLVIPDataset(ImageFolderDataset):
    """LLVIP (1280x1024, fixed cameras, registered night pairs): ``{visible,infrared}/{train,test}/CCNNNN.jpg``.

    The first two digits of a file name are its camera, put into every sample as ``camera``. ``key`` is the same for
    both pictures of a pair.

    Args:
        data_root: The folder that holds ``visible`` and ``infrared``.
        split: ``train``, ``test``, or None for pictures that lie in ``visible`` and ``infrared`` themselves.
        rendering: ``visible`` or ``infrared``.
        cameras: Only these, as ``('01', '19')``; None for all.
        **kwargs: Of :class:`ImageFolderDataset`; ``domain`` is ``night`` for visible, ``thermal`` for infrared pictures
            unless given.
    """

    def __init__(self, data_root: str = 'data/llvip', split: str | None = 'train', rendering: str = 'visible',
                 cameras: tuple[str, ...] | None = None, domain: str | None = None, **kwargs: Any):
        domains = dict(visible='night', infrared='thermal')
        if rendering not in domains or split not in ('train', 'test', None):
            raise ValueError(f'LLVIPDataset: rendering must be of {tuple(domains)} and split train, test or None, got '
                             f'rendering={rendering!r}, split={split!r}')
        self.cameras = None if cameras is None else tuple(cameras)
        prefix = rendering if split is None else f'{rendering}/{split}'
        domain = domain or domains[rendering]
        super().__init__(data_root=data_root, data_prefix=dict(img=prefix), domain=domain, **kwargs)

    def accepts(self, name: str) -> bool:
        return self.cameras is None or PurePath(name).name[:2] in self.cameras

    def wanted(self) -> str:
        return super().wanted() + ('' if self.cameras is None else f' of the cameras {", ".join(self.cameras)}')

    def make_info(self, folder: str, name: str) -> dict:
        return dict(super().make_info(folder, name), camera=PurePath(name).name[:2])
