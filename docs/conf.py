"""How Sphinx builds the pages: ``.ci/checks docs``; they are in work_dirs/docs then.

The source folder is the repository's root, so that a link from a page to a README, a config or a tool leads somewhere
both in the repository and in the built pages. The table of contents is the list of links in docs/index.md.
"""

import re
import sys
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

project = 'nightgen'
author = 'the nightgen maintainers'
release = version = re.search(r"^__version__ = '([^']+)'", (ROOT / 'nightgen/__init__.py').read_text(), re.M).group(1)

root_doc = 'docs/index'
source_suffix = {'.md': 'markdown'}
include_patterns = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'docs/*.md', 'docs/reference/*.md',
                    'configs/*/README.md']
extensions = ['myst_parser', 'sphinx.ext.autodoc', 'sphinx.ext.napoleon']
html_theme = 'furo'
html_title = f'nightgen {release}'
html_show_sourcelink = False

myst_heading_anchors = 4
napoleon_google_docstring, napoleon_numpy_docstring = True, False
autodoc_typehints = 'signature'
autodoc_member_order = 'bysource'
autodoc_preserve_defaults = True


def add_contents(app: Sphinx, name: str, source: list[str]) -> None:
    """Give the index and the reference a table of contents: the pages that they link to, by bold heading."""
    if name not in (root_doc, 'docs/api'):
        return
    for block in re.split(r'^(?=\*\*)', source[0], flags=re.M):
        heading, pages = re.match(r'\*\*(.+)\*\*', block), re.findall(r'^- \[.+?\]\(([^)#:]+\.md)\)', block, re.M)
        if pages:
            caption = f':caption: {heading[1]}\n' if heading else ''
            source[0] += '\n```{toctree}\n:hidden:\n' + caption + '\n' + '\n'.join(pages) + '\n```\n'


def add_front_page(app: Sphinx, error: Exception | None) -> None:
    """Lead from the folder of the built pages to the first of them."""
    if error is None and app.builder.format == 'html':
        Path(app.outdir, 'index.html').write_text('<meta http-equiv="refresh" content="0; url=docs/index.html">\n')


def drop_inherited_text(app: Sphinx, kind: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """A network's forward without a docstring keeps its signature, not torch's general words about forward."""
    if lines and lines[0].startswith('Define the computation performed at every call'):
        lines.clear()


def setup(app: Sphinx) -> None:
    app.connect('autodoc-process-docstring', drop_inherited_text)
    app.connect('source-read', add_contents)
    app.connect('build-finished', add_front_page)
