"""The browser that the tests of the page drive: a named one, an installed one, the one of npm, or a word that there is
none."""

import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def checkout(repo_root: Path, tmp_path: Path) -> Path:
    """The script where it would lie, and a folder of the few programs that it finds."""
    (tmp_path / 'tools/misc').mkdir(parents=True)
    shutil.copy(repo_root / 'tools/misc/find_browser.sh', tmp_path / 'tools/misc')
    (tmp_path / 'bin').mkdir()
    for name in ('bash', 'dirname', 'mkdir', 'cat'):
        (tmp_path / 'bin' / name).symlink_to(shutil.which(name))
    return tmp_path


def program(checkout: Path, name: str, text: str = '') -> Path:
    path = checkout / 'bin' / name
    path.write_text(f'#!/usr/bin/env bash\n{text}\n')
    path.chmod(0o755)
    return path


def find(checkout: Path, **environment: str) -> tuple[str, str]:
    """What the script says, and the browser that it leaves; it is sourced as run_tests.sh does."""
    done = subprocess.run(
        [shutil.which('bash'), '-euo', 'pipefail', '-c', '. tools/misc/find_browser.sh; echo "=$NIGHTGEN_BROWSER"'],
        cwd=checkout, env={'PATH': str(checkout / 'bin'), **environment}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said, _, browser = done.stdout.rpartition('=')
    return said, browser.strip()


def test_a_named_one_and_then_an_installed_one(checkout: Path):
    assert find(checkout, NIGHTGEN_BROWSER='/opt/mine') == ('', '/opt/mine')
    installed = program(checkout, 'chromium-browser')
    assert find(checkout) == ('', str(installed))


def test_without_any_the_tests_are_said_to_be_skipped(checkout: Path):
    said, browser = find(checkout)
    assert browser == '' and 'are skipped' in said and 'apt install chromium' in said


def test_a_failure_of_npm_does_not_stop_the_tests(checkout: Path):
    program(checkout, 'npm', 'echo no network; exit 1')
    said, browser = find(checkout)
    assert browser == '' and 'npm.log' in said and 'are skipped' in said
    assert (checkout / 'work_dirs/browser/npm.log').read_text() == 'no network\n'


def test_one_that_npm_left_is_taken_again(checkout: Path):
    kept = checkout / 'work_dirs/browser/chromium'
    kept.parent.mkdir(parents=True)
    kept.write_text('')
    kept.chmod(0o755)
    program(checkout, 'npm', 'exit 9')
    assert find(checkout) == ('', str(kept))
