"""A page with tiny models at a free port, a client of its requests, and a headless browser."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from mmengine.config import Config

from nightgen.apis import init_model
from nightgen.testing import write_pictures

ROOT = Path(__file__).resolve().parents[3]
# Two sizes only, so that an edit reaches few pixels; as large as the photos of the tests.
SEMANTIC = '''
default_scope = 'nightgen'
model = dict(
    type='SemanticColorizationTranslator', domains=('color',), photo_size=(48, 64), label_set='pascal_context',
    generator=dict(type='TwoStreamUNet', widths=(4, 6), num_classes=60))
'''


NIGHT_TO_DAY = '''
default_scope = 'nightgen'
model = dict(
    type='OneSidedTranslator', domains=('night', 'day'),
    generator=dict(type='N2DLPNet', num_levels=2, base=8, stem=4, n_low=1, n_guide=1))
'''


def saved_model(folder: Path, name: str, text: str) -> tuple[str, str]:
    """Config and checkpoint of a tiny model, with weights that make strong colours."""
    config = folder / f'{name}.py'
    config.write_text(text)
    torch.manual_seed(0)
    model = init_model(Config.fromfile(config))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2)
    torch.save(dict(state_dict=model.state_dict(), meta={}), folder / f'{name}.pth')
    return str(config), str(folder / f'{name}.pth')


@pytest.fixture(scope='session')
def semantic_model(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Config and checkpoint of a tiny semantic colorizer."""
    return saved_model(tmp_path_factory.mktemp('semantic'), 'semantic', SEMANTIC)


@pytest.fixture(scope='session')
def night_model(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Config and checkpoint of a tiny network from night to day."""
    return saved_model(tmp_path_factory.mktemp('night'), 'tiny', NIGHT_TO_DAY)


@pytest.fixture(scope='session')
def web() -> SimpleNamespace:
    """The page's modules."""
    sys.path.insert(0, str(ROOT / 'tools/webapp'))
    import page_models
    import page_server
    import page_sessions
    import page_study  # noqa: F401  it is imported where it is needed, when the path is another one
    import page_uploads
    sys.path.remove(str(ROOT / 'tools/webapp'))
    return SimpleNamespace(models=page_models, server=page_server, sessions=page_sessions, uploads=page_uploads)


@pytest.fixture(scope='session')
def models(web: SimpleNamespace, semantic_model: tuple[str, str], night_model: tuple[str, str]) -> Any:
    """The tiny models, built once."""
    return web.models.Models([semantic_model, night_model])


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder of three photos of 64x48, and a file beside it that nobody may see."""
    write_pictures(tmp_path / 'images', 3, (48, 64))
    write_pictures(tmp_path, 1, (48, 64), seed=9, names=['secret.png'])
    return tmp_path / 'images'


class Client:
    """A page's requests without a browser: a session of its own, and answers as they are."""

    def __init__(self, app: Any):
        self.client = app.test_client()
        self.said = self.client.post('/api/session', json={}).get_json()
        self.headers = {'X-Nightgen-Session': self.said['token']}

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(f'/api/{path}', headers=self.headers, **options)

    def post(self, path: str, **options: Any) -> Any:
        return self.client.post(f'/api/{path}', headers=self.headers, **options)


@pytest.fixture
def make_app(web: SimpleNamespace, models: Any, images: Path) -> Callable[..., Any]:
    """``make_app(**options)``: the application with the tiny models and the images."""
    def make(shelf: Any = models, folder: bool = True, **options: Any) -> Any:
        return web.server.make_app(shelf, web.uploads.ImageFolder(images) if folder else None, **options)

    return make


@pytest.fixture
def client_of() -> type[Client]:
    return Client


@pytest.fixture
def serve() -> Iterator[Callable[[Any], str]]:
    """``serve(app)``: the address at which the application is served until the test ends."""
    import waitress
    servers = []

    def start(app: Any, megabytes: int = 64) -> str:
        server = waitress.create_server(app, host='127.0.0.1', port=0, threads=4,
                                        max_request_body_size=(megabytes + 1) * 2 ** 20)
        servers.append(server)
        threading.Thread(target=server.run, daemon=True).start()
        return f'http://127.0.0.1:{server.effective_port}'

    yield start
    for server in servers:
        server.close()
        server.task_dispatcher.shutdown()


@pytest.fixture(scope='module')
def browser() -> Iterator[Any]:
    """A headless Chromium: the one of ``NIGHTGEN_BROWSER``, or an installed one."""
    path = os.environ.get('NIGHTGEN_BROWSER') or next(filter(None, map(shutil.which, (
        'chromium', 'chromium-browser', 'google-chrome'))), None) or ROOT / 'work_dirs/browser/chromium'
    if not Path(path).is_file():
        pytest.skip('no browser: `. tools/misc/find_browser.sh` finds or fetches one (chromium, or npm)')
    from playwright.sync_api import sync_playwright
    libraries = Path(path).parent / 'lib'
    env = {**os.environ, **({'LD_LIBRARY_PATH': str(libraries)} if libraries.is_dir() and
                            (libraries / 'libnss3.so').is_file() else {})}
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(path), env=env, args=['--no-sandbox'])
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[[str], Any]]:
    """``open_page(address)``: a page of its own, loaded; a mistake in its scripts or a request to anywhere else fails
    the test."""
    contexts, wrong = [], []

    def open_one(address: str) -> Any:
        context = browser.new_context(viewport=dict(width=1400, height=900), accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on('pageerror', lambda error: wrong.append(str(error)))
        page.on('request', lambda request: request.url.startswith((address, 'blob:')) or wrong.append(request.url))
        page.goto(address)
        page.wait_for_selector('body[data-ready=yes]')
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not wrong


