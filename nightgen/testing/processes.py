"""Run a function in several processes that form one gloo group on this machine."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
import torch.distributed as torch_dist
import torch.multiprocessing as torch_mp


def _load(file: str, module_name: str, function_name: str) -> Callable:
    """The function, from its module or, where that name means nothing or something else here (a test's), its file."""
    try:
        module = importlib.import_module(module_name)
    except ImportError:
        module = None
    if getattr(module, '__file__', None) != file:
        _uncover(file, module_name)
        spec = importlib.util.spec_from_file_location(module_name, file)
        module = sys.modules[module_name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return getattr(module, function_name)


def _uncover(file: str, module_name: str) -> None:
    """Let the file import its neighbours, though an installed package has the name of its folder (``tests``)."""
    top, *inner = module_name.split('.')
    folder = Path(file).parents[len(inner) - 1] if inner else None
    if folder is not None and folder.name == top:
        for name in [name for name in sys.modules if name.split('.')[0] == top]:
            del sys.modules[name]
        package = sys.modules[top] = ModuleType(top)
        package.__path__ = [str(folder)]


def _process(rank: int, source: tuple[str, str, str], world_size: int, folder: str, args: tuple) -> None:
    torch.set_num_threads(1)
    os.environ.update(RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE=str(world_size))
    store = torch_dist.FileStore(f'{folder}/store', world_size)
    torch_dist.init_process_group('gloo', store=store, rank=rank, world_size=world_size)
    try:
        torch.save(_load(*source)(*args), f'{folder}/result_{rank}.pth')
    except BaseException:
        Path(f'{folder}/error_{rank}.txt').write_text(traceback.format_exc())
        raise
    _leave_together(store, world_size)


def _leave_together(store: torch_dist.Store, world_size: int) -> None:
    """End this process once all are done, without the interpreter's own shutdown.

    A process that leaves while another still talks to it, or that tears down gloo's threads in the interpreter's last
    moments, now and then aborts a run whose results are all written.
    """
    store.add('finished', 1)
    while store.add('finished', 0) < world_size:
        time.sleep(0.005)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def run_processes(function: Callable, world_size: int, *args: Any) -> list[Any]:
    """Call ``function(*args)`` in ``world_size`` processes and return what each rank returned.

    Args:
        function: A function at module level. It returns plain data and tensors.
        world_size: Number of processes.
        *args: Picklable arguments.

    Raises:
        RuntimeError: If a process failed, with its traceback.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = inspect.getfile(function), function.__module__, function.__name__
        context = torch_mp.spawn(_process, (source, world_size, folder, args), world_size, join=False)
        try:
            while not context.join():
                continue
        except Exception as error:
            failures = [path.read_text() for path in sorted(Path(folder).glob('error_*.txt'))]
            raise RuntimeError('a process failed:\n' + '\n'.join(failures)) from error
        return [torch.load(f'{folder}/result_{rank}.pth', weights_only=True) for rank in range(world_size)]
