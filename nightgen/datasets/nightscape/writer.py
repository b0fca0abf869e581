# Writes Nightscape folders: which scene goes where, PNG and COCO files, the manifest, and its check.
"""`write_dataset`, `write_split` and `check_dataset`."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from .scene import CATEGORIES, MIN_SIZE, NIGHTSCAPE_VERSION, RENDERINGS, VIEWS, render_scene
from .weather import THERMAL_CAMERAS

SPLITS = ('train', 'val', 'test')
DOMAINS = ('day', 'night', 'thermal')
MANIFEST = 'manifest.json'
UNFINISHED = 'unfinished.json'
RANGE = 100_000  # distance between the number ranges of the training domains
Progress = Callable[[int, int], None]


class NightscapeError(Exception):
    """A folder or request that cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Request:
    """What a folder holds. Train counts are per domain; `cameras` matters for the surveillance view only, `thermal` is
    the kind of thermal camera."""

    size: tuple[int, int] = (512, 256)
    train: int = 200
    val: int = 20
    test: int = 40
    seed: int = 0
    view: str = 'driving'
    cameras: int = 4
    thermal: str = THERMAL_CAMERAS[0]

    def validate(self) -> None:
        """Raises NightscapeError for values that cannot be rendered."""
        if self.view not in VIEWS:
            raise NightscapeError(f'view must be one of {", ".join(VIEWS)}, not {self.view!r}')
        if self.thermal not in THERMAL_CAMERAS:
            raise NightscapeError(f'thermal must be one of {", ".join(THERMAL_CAMERAS)}, not {self.thermal!r}')
        if min(self.size) < MIN_SIZE or max(self.size) > 8192:
            raise NightscapeError(f'size must be {MIN_SIZE} to 8192 pixels each way, not {self.size[0]}x{self.size[1]}')
        counts = (self.train, self.val, self.test)
        if min(counts) < 0 or sum(counts) == 0:
            raise NightscapeError(f'train, val and test must not be negative, and not all 0: {counts}')
        if max(counts) > RANGE:
            raise NightscapeError(f'at most {RANGE} scenes per split and domain, not {max(counts)}')
        if self.seed < 0:
            raise NightscapeError(f'seed must not be negative: {self.seed}')
        if self.cameras < 1:
            raise NightscapeError(f'cameras must be at least 1, not {self.cameras}')

    def describe(self) -> dict:
        """The request and the version as plain values, as the manifest holds them."""
        plain = {**asdict(self), 'size': list(self.size)}
        if self.view == 'driving':
            plain.pop('cameras')
        return {'format': 'nightscape', 'version': NIGHTSCAPE_VERSION, 'request': plain}


@dataclass(frozen=True)
class Task:
    """One scene: its seed and frame, the renderings that are written, and where (`name` is below the rendering)."""

    split: str
    name: str
    seed: int
    frame: int
    renderings: tuple[str, ...]
    moving: bool = True
    content: str = 'any'


def scene_seed(*numbers: int) -> int:
    """A scene's seed from the dataset's seed and the scene's place; different places give unrelated seeds."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> np.uint64(2))


def plan_split(request: Request, split: str) -> list[Task]:
    """The scenes of one split. Training scenes are different for each domain, and of other content; val and test share
    them."""
    code = SPLITS.index(split)
    count = getattr(request, split)
    groups = [(k, (domain, 'label')) for k, domain in enumerate(DOMAINS)] if split == 'train' else [(0, RENDERINGS)]
    tasks = []
    for group, renderings in groups:
        content = renderings[0] if split == 'train' else 'any'
        for i in range(count):
            stem = f'{group * RANGE + i:06d}'
            if request.view == 'driving':
                seed, frame, name = scene_seed(request.seed, 1, code, group, i), 0, f'{stem}.png'
            else:
                camera = i % request.cameras
                seed, frame = scene_seed(request.seed, 2, camera), (code * 4 + group) * 10 * RANGE + i + 1
                name = f'cam{camera:02d}/{stem}.png'
            tasks.append(Task(split, name, seed, frame, renderings, content=content))
    return tasks


def plan(request: Request) -> list[Task]:
    """All scenes of a request; for surveillance also each camera's bare background, as the split `background`."""
    tasks = [task for split in SPLITS for task in plan_split(request, split)]
    if request.view == 'surveillance':
        tasks += [
            Task('background', f'cam{k:02d}.png', scene_seed(request.seed, 2, k), 0, RENDERINGS, moving=False)
            for k in range(request.cameras)
        ]
    return tasks


def write_bytes(path: Path, data: bytes) -> dict:
    """Writes a file as a whole or not at all; returns its manifest entry.

    By itself, since the renderer is used without the rest of nightgen; unflushed, since a check finds what is amiss.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + '.part')
    part.write_bytes(data)
    os.replace(part, path)
    return {'bytes': len(data), 'sha256': hashlib.sha256(data).hexdigest()}


def encode_png(picture: np.ndarray) -> bytes:
    """PNG of an RGB or grey uint8 picture. The settings were the fastest for noisy pictures and for label maps."""
    ordered = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR) if picture.ndim == 3 else picture
    flat = len(np.unique(picture[::16, ::16])) < 20
    settings = [
        cv2.IMWRITE_PNG_COMPRESSION,
        1,
        cv2.IMWRITE_PNG_STRATEGY,
        cv2.IMWRITE_PNG_STRATEGY_RLE if flat else cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY,
    ]
    if hasattr(cv2, 'IMWRITE_PNG_FILTER'):  # newer OpenCV
        settings += [cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_SUB]
    done, data = cv2.imencode('.png', ordered, settings)
    if not done:
        raise NightscapeError(f'OpenCV could not encode an image of shape {picture.shape} as PNG')
    return data.tobytes()


def _write_scene(job: tuple[Path, Request, Task]) -> tuple[Task, dict, list[dict]]:
    """Renders and writes one scene; returns its manifest entries and boxes."""
    out, request, task = job
    scene = render_scene(
        task.seed,
        request.size,
        request.view,
        task.renderings,
        task.frame,
        task.moving,
        task.content,
        request.thermal,
    )
    entries = {}
    for rendering in task.renderings:
        relative = f'{task.split}/{rendering}/{task.name}'
        entries[relative] = write_bytes(out / relative, encode_png(getattr(scene, rendering)))
    return task, entries, scene.boxes


def _start_worker() -> None:
    cv2.setNumThreads(1)


def _results(out: Path, request: Request, tasks: list[Task], workers: int) -> Iterator[tuple[Task, dict, list[dict]]]:
    jobs = [(out, request, task) for task in tasks]
    if workers <= 1:
        yield from map(_write_scene, jobs)
        return
    with multiprocessing.get_context('spawn').Pool(min(workers, len(jobs)), _start_worker) as pool:
        yield from pool.imap(_write_scene, jobs, chunksize=4)


def coco_boxes(request: Request, tasks: Iterable[Task], boxes: dict[tuple, list[dict]]) -> dict:
    """COCO dictionary of the boxes of some scenes. Tiny or almost hidden objects carry `ignore`."""
    numbers = {name: k + 1 for k, name in enumerate(CATEGORIES)}
    images, annotations = [], []
    for number, task in enumerate(tasks, 1):
        images.append(dict(id=number, file_name=task.name, width=request.size[0], height=request.size[1]))
        for box in boxes[task.split, task.name]:
            small = min(box['bbox'][2:]) < 4 or box['area'] < 16 or box['visible'] < 0.15
            annotations.append(
                dict(
                    id=len(annotations) + 1,
                    image_id=number,
                    category_id=numbers[box['category']],
                    bbox=box['bbox'],
                    area=box['area'],
                    iscrowd=0,
                    ignore=int(small),
                    visible=box['visible'],
                    distance=box['distance'],
                    light=box['light'],
                )
            )
    categories = [dict(id=number, name=name) for name, number in numbers.items()]
    return dict(
        info=dict(description='nightscape', version=NIGHTSCAPE_VERSION),
        images=images,
        annotations=annotations,
        categories=categories,
    )


def write_tasks(out: Path, request: Request, tasks: list[Task], workers: int, progress: Progress | None) -> dict:
    """Renders scenes and writes pictures and box files; returns the manifest's file entries."""
    files, boxes = {}, {}
    for done, (task, entries, found) in enumerate(_results(out, request, tasks, workers), 1):
        files.update(entries)
        boxes[task.split, task.name] = found
        if progress is not None:
            progress(done, len(tasks))
    for split in dict.fromkeys(task.split for task in tasks):
        for rendering in DOMAINS:
            mine = [task for task in tasks if task.split == split and rendering in task.renderings]
            if mine and split != 'background':
                relative = f'{split}/boxes_{rendering}.json'
                text = json.dumps(coco_boxes(request, mine, boxes), separators=(',', ':')) + '\n'
                files[relative] = write_bytes(out / relative, text.encode())
    return files


def write_split(
    out: str | os.PathLike, split: str, request: Request, workers: int = 1, progress: Progress | None = None
) -> dict:
    """Renders one split into `out/split` without a manifest; returns path -> bytes and sha256 of what was written."""
    request.validate()
    if split not in SPLITS:
        raise NightscapeError(f'split must be one of {", ".join(SPLITS)}, not {split!r}')
    return write_tasks(Path(out), request, plan_split(request, split), workers, progress)


def _read_json(path: Path) -> dict:
    try:
        return json.loads(path.read_text())
    except (ValueError, UnicodeDecodeError) as error:
        raise NightscapeError(
            f'{path} is not readable JSON ({error}). Delete {path.parent} and render it again.'
        ) from error


def data_name(manifest: dict) -> str:
    """What tables call the data of a manifest: its version, and its camera where that is not the usual one."""
    camera = (manifest.get('request') or {}).get('thermal', THERMAL_CAMERAS[0])
    return f'Nightscape {manifest.get("version")}' + ('' if camera == THERMAL_CAMERAS[0] else f' ({camera})')


def render_command(out: str, manifest: dict) -> str:
    """The command that renders what a manifest asked for, with the version that is installed."""
    words = [f'python tools/dataset_converters/nightscape.py --out {out}']
    for name, value in (manifest.get('request') or {}).items():
        words.append(f'--{name} {value[0]}x{value[1]}' if name == 'size' else f'--{name} {value}')
    return ' '.join(words)


def rendered_name(path: str | os.PathLike) -> str | None:
    """`data_name` of the folder that a path lies in; None where no manifest of Nightscape is beside or above it."""
    path = Path(path).resolve()
    for folder in (path, *path.parents):
        if (folder / MANIFEST).is_file():
            manifest = _read_json(folder / MANIFEST)
            return data_name(manifest) if manifest.get('format') == 'nightscape' else None
    return None


def _look_at(out: Path, request: Request) -> str:
    """'empty', 'unfinished' or 'complete'; raises if the folder holds something else."""
    if out.exists() and not out.is_dir():
        raise NightscapeError(f'{out} is a file, not a folder')
    if not out.exists() or not any(out.iterdir()):
        return 'empty'
    for name, state in ((MANIFEST, 'complete'), (UNFINISHED, 'unfinished')):
        if (out / name).exists():
            held = _read_json(out / name)
            wanted = request.describe()
            if {key: held.get(key) for key in wanted} != wanted:
                raise NightscapeError(
                    f'{out} holds another Nightscape ({held.get("version")}: {held.get("request")}), not '
                    f'({wanted["version"]}: {wanted["request"]}). Choose another folder, or delete this one.'
                )
            return state
    raise NightscapeError(f'{out} is not empty and has no {MANIFEST}: choose another folder, nothing was written')


def write_dataset(out: str | os.PathLike, request: Request, workers: int = 1, progress: Progress | None = None) -> bool:
    """Renders a whole folder. A finished one is checked and kept; an unfinished or damaged one is rendered again.

    Args:
        out: folder to make.
        request: what to render.
        workers: processes; the files do not depend on their number.
        progress: called with (done, total) after each scene.

    Returns:
        True if it was rendered, False if it was already there and whole.

    Raises:
        NightscapeError: bad arguments, or the folder holds something else.
        OSError: the disk is full or not writable.
    """
    request.validate()
    if workers < 1:
        raise NightscapeError(f'workers must be at least 1, not {workers}')
    out = Path(out)
    state = _look_at(out, request)
    if state == 'complete':
        if not check_dataset(out):
            return False
        (out / MANIFEST).rename(out / UNFINISHED)
    out.mkdir(parents=True, exist_ok=True)
    write_bytes(out / UNFINISHED, json.dumps(request.describe(), indent=1).encode())
    files = write_tasks(out, request, plan(request), workers, progress)
    manifest = {**request.describe(), 'files': dict(sorted(files.items()))}
    write_bytes(out / MANIFEST, (json.dumps(manifest, indent=0) + '\n').encode())
    (out / UNFINISHED).unlink()
    return True


def check_dataset(path: str | os.PathLike, progress: Progress | None = None) -> list[str]:
    """Compares a folder with its manifest.

    Returns:
        Problems in words, empty if every file is there and unchanged and there is none that the manifest lacks.

    Raises:
        NightscapeError: no folder or no manifest.
    """
    root = Path(path)
    if not root.is_dir():
        raise NightscapeError(f'there is no folder {root}')
    if not (root / MANIFEST).is_file():
        hint = 'its rendering was not finished: run it again' if (root / UNFINISHED).exists() else 'it is no Nightscape'
        raise NightscapeError(f'{root} has no {MANIFEST}; {hint}')
    manifest = _read_json(root / MANIFEST)
    files, problems = manifest.get('files', {}), []
    if manifest.get('format') != 'nightscape' or not files:
        raise NightscapeError(f'{root / MANIFEST} is not a Nightscape manifest')
    for done, (relative, entry) in enumerate(files.items(), 1):
        file = root / relative
        if not file.is_file():
            problems.append(f'missing: {relative}')
        elif file.stat().st_size != entry['bytes'] or hashlib.sha256(file.read_bytes()).hexdigest() != entry['sha256']:
            problems.append(f'changed: {relative}')
        if progress is not None:
            progress(done, len(files))
    known = set(files) | {MANIFEST}
    there = (p.relative_to(root).as_posix() for p in sorted(root.rglob('*')) if p.is_file())
    return problems + [f'not in the manifest: {name}' for name in there if name not in known]
