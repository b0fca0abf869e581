"""The files about the project: licence, citation, the checks and who runs them, the datasets' index, Docker files."""

import ast
import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from mmengine.config import Config

import nightgen

ROOT = Path(__file__).resolve().parents[1]
DATASETS = yaml.safe_load((ROOT / 'dataset-index.yml').read_text())
DOCKERFILES = sorted((ROOT / 'docker').glob('*.Dockerfile'))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding='utf-8')


def defined_options(tool: str) -> set[str]:
    """The options that a tool, or a file beside it that it may import, adds to a parser."""
    sources = [path.read_text(encoding='utf-8') for path in (ROOT / tool).parent.glob('*.py')
               if path == ROOT / tool or re.search(rf'^from {path.stem} import', read(tool), re.M)]
    calls = (node for source in sources for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return {argument.value for call in calls if getattr(call.func, 'attr', '') == 'add_argument'
            for argument in call.args if isinstance(argument, ast.Constant) and argument.value.startswith('--')}


def test_one_licence_and_one_version_everywhere():
    citation = yaml.safe_load(read('CITATION.cff'))
    assert citation['license'] == 'Apache-2.0' and "license='Apache-2.0'" in read('setup.py')
    assert read('LICENSE').split()[:4] == ['Apache', 'License', 'Version', '2.0,']
    assert citation['version'] == nightgen.__version__
    assert re.search(rf'^## {re.escape(nightgen.__version__)}\b', read('CHANGELOG.md'), re.M)


def test_an_unknown_check_is_refused_by_name():
    done = subprocess.run(['bash', '.ci/checks', 'spelling'], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and "no check 'spelling'; there are lint, types and docs" in done.stderr


def test_pre_commit_and_the_workflow_run_what_ci_runs():
    hooks = [hook for repo in yaml.safe_load(read('.pre-commit-config.yaml'))['repos'] for hook in repo['hooks']]
    checks = [f'.ci/checks {name}' for name in re.findall(r'^(\w+)\(\) \{', read('.ci/checks'), re.M)]
    assert {hook['entry'] for hook in hooks} == {*checks, 'bash tools/run_tests.sh'}
    assert '.ci/checks' in read('.ci/run') and 'bash tools/run_tests.sh' in read('.ci/run')
    jobs = yaml.safe_load(read('.github/workflows/checks.yml'))['jobs']
    assert 'bash .ci/run' in [step.get('run') for step in jobs['run']['steps']]
    named = re.findall(r'(?:tests|requirements)/[\w/.]*\w', read('.github/workflows/checks.yml'))
    assert named and all((ROOT / name).exists() for name in named)


def supported(version: str) -> bool:
    lowest, above = re.search(r"python_requires='>=3\.(\d+), ?<3\.(\d+)'", read('setup.py')).groups()
    return int(lowest) <= int(version.removeprefix('3.')) < int(above)


def test_the_steps_of_the_workflow_are_ones_that_github_and_a_shell_take():
    """Without GitHub: the keys of each step, the shell's syntax, actions at a version, Pythons of nightgen."""
    for job in yaml.safe_load(read('.github/workflows/checks.yml'))['jobs'].values():
        assert set(job) <= {'if', 'runs-on', 'timeout-minutes', 'strategy', 'steps'}
        pythons = job.get('strategy', {}).get('matrix', {}).get('python', [])
        for step in job['steps']:
            assert set(step) <= {'if', 'run', 'uses', 'with'} and ('run' in step) != ('uses' in step)
            if 'run' in step:
                subprocess.run(['bash', '-n'], input=step['run'], text=True, check=True)
            else:
                assert re.fullmatch(r'[\w-]+/[\w-]+@v\d+', step['uses'])
                pythons += [str(version) for key, version in step.get('with', {}).items()
                            if key == 'python-version' and '$' not in version]
        assert pythons and all(isinstance(version, str) and supported(version) for version in pythons)


@pytest.mark.parametrize('name', DATASETS)
def test_the_dataset_index_says_what_the_configs_say(name: str):
    entry = DATASETS[name]
    assert set(entry) == {'title', 'data_root', 'config', 'source', 'access', 'prepare'}
    assert Config.fromfile(ROOT / entry['config']).data_root == entry['data_root']
    assert entry['access'] in ('open', 'registration', 'unpublished')
    for command in entry['prepare']:
        program, tool, *arguments = command.split()
        assert program == 'python' and entry['data_root'] in arguments
        assert {one for one in arguments if one.startswith('--')} <= defined_options(tool)


def test_the_dataset_index_has_every_root_of_the_configs():
    roots = {Config.fromfile(path).data_root for path in (ROOT / 'configs/_base_/datasets').glob('*.py')}
    own = {'data/my_images', 'data/cameras', 'data/photos'}  # a user's folders
    own |= {'data/flir1k'}  # a choice of FLIR's images
    own |= {'data/nightscape_small', 'data/nightscape_cameras_small'}  # the same worlds at half the size
    assert roots - own == {entry['data_root'] for entry in DATASETS.values()}


@pytest.mark.parametrize('path', DOCKERFILES, ids=lambda path: path.name)
def test_docker_files_copy_and_run_what_is_there(path: Path):
    """Without a Docker daemon: instructions by name, sources of COPY, files in commands, the shell's syntax."""
    text = re.sub(r'\\\n', ' ', path.read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith('#')]
    assert {line.split()[0] for line in lines} <= {'ARG', 'CMD', 'COPY', 'ENV', 'FROM', 'RUN', 'WORKDIR'}
    assert [line.split()[0] for line in lines if line.split()[0] != 'ARG'][0] == 'FROM'
    for line in lines:
        word, rest = line.split(maxsplit=1)
        if word == 'COPY':
            assert (ROOT / rest.split()[0]).exists()
        if word == 'RUN':  # Docker runs it by sh
            subprocess.run(['sh', '-n'], input=rest, text=True, check=True)
        if word == 'CMD':
            program, *arguments = json.loads(rest)
            assert program == 'python' and all((ROOT / name).is_file() for name in arguments)
        if word == 'FROM':
            assert supported(re.fullmatch(r'python:(3\.\d+)-[\w-]+', rest)[1])
    named = re.findall(r'(?:tools|requirements|configs)/[\w/.]*\w', path.read_text())
    assert named and all((ROOT / name).exists() for name in named)
    ignored = read('.dockerignore').split()
    assert not {name.split('/')[0] for name in named} & set(ignored)
