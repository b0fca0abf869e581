"""Builds nightgen's package and puts configs, tools, requirements and the two indexes beside it in ``nightgen/.mim``.

``.mim`` is where mmengine (``_base_ = 'nightgen::...'``, its hub) and mim look. A wheel gets copies; an editable
install gets links, so that an edited config is the one that is read.
"""

import re
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
SHIPPED = ('configs', 'tools', 'requirements', 'model-index.yml', 'dataset-index.yml')


def read_version() -> str:
    """The version in ``nightgen/__init__.py``, read without importing it."""
    return re.search(r"^__version__ = '([^']+)'", (ROOT / 'nightgen' / '__init__.py').read_text(), re.M).group(1)


def read_requirements(name: str) -> list[str]:
    """The requirements of ``requirements/<name>.txt``, without comments."""
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text().splitlines()
    return [line for line in (line.split('#')[0].strip() for line in lines) if line]


class BuildWithConfigs(build_py):
    """Builds the Python files as usual, then ``nightgen/.mim``."""

    def run(self) -> None:
        super().run()
        editable = getattr(self, 'editable_mode', False)
        mim = (ROOT if editable else Path(self.build_lib).resolve()) / 'nightgen' / '.mim'
        mim.mkdir(parents=True, exist_ok=True)
        for name in SHIPPED:
            source, target = ROOT / name, mim / name
            if target.is_symlink() or target.is_file():
                target.unlink()
            elif target.is_dir():
                shutil.rmtree(target)
            if editable:
                target.symlink_to(Path('..', '..', name), target_is_directory=source.is_dir())
            elif source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns('__pycache__', '*.pyc'))
            else:
                shutil.copy2(source, target)


setup(
    name='nightgen',
    version=read_version(),
    description='Night photographs, night surveillance and night thermal images to daytime colour, on OpenMMLab',
    long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    packages=find_packages(include=['nightgen', 'nightgen.*']),
    package_data={'': ['py.typed', '*.json', '*.txt', '*.npz']},
    python_requires='>=3.10,<3.13',
    install_requires=read_requirements('runtime'),
    extras_require={
        'experts': read_requirements('optional'),
        'features': read_requirements('features'),
        'video': read_requirements('video'),
        'tests': read_requirements('tests'),
        'webapp': read_requirements('webapp'),
        # mmcv without compiled operators: enough to train and run N2D-LPNet. Never beside the full mmcv.
        'lite': ['mmcv-lite>=2.1.0,<2.2.0'],
    },
    entry_points={'console_scripts': ['nightgen = nightgen.cli:main']},
    cmdclass={'build_py': BuildWithConfigs},
    zip_safe=False,
)
