"""Requests without a browser: what is refused and in which words, and that nothing of one session reaches another."""

from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from nightgen.apis import init_model, list_models, translation_of
from nightgen.testing import random_picture
from nightgen.utils.images import decode_image, read_image, write_image


def png(picture: np.ndarray) -> bytes:
    data = io.BytesIO()
    Image.fromarray(picture).save(data, 'PNG')
    return data.getvalue()


def map_of(answer: Any) -> np.ndarray:
    said = answer.get_json()
    return np.frombuffer(base64.b64decode(said['map']), np.uint8).reshape(said['height'], said['width'])


def test_the_page_and_its_files_are_there_and_may_load_nothing_else(make_app: Callable):
    client = make_app().test_client()
    answer = client.get('/')
    assert answer.status_code == 200 and b'<title>nightgen</title>' in answer.data
    assert "default-src 'none'" in answer.headers['Content-Security-Policy']
    for name in ('app.js', 'editor.js', 'map_canvas.js', 'server.js', 'translation.js', 'study.js', 'style.css',
                 'icon.svg'):
        assert client.get(f'/page/{name}').status_code == 200
        assert f'page/{name}'.encode() in answer.data or name.endswith('.js')
    page = Path(__file__).resolve().parents[3] / 'tools/webapp/page'
    outside = [file.name for file in page.iterdir() for line in file.read_text().splitlines()
               if '://' in line and 'xmlns=' not in line]
    assert not outside


@pytest.mark.parametrize('path', ['/page/../page_server.py', '/page/%2e%2e/page_server.py', '/page/..%2fapp.py',
                                  '/page//etc/passwd', '/static/../app.py', '/page/....//app.py'])
def test_no_path_leads_out_of_the_pages_folder(make_app: Callable, path: str):
    assert make_app().test_client().get(path, follow_redirects=True).status_code == 404


@pytest.mark.parametrize(('host', 'status'), [
    ('127.0.0.1:8008', 200), ('localhost:8008', 200), ('[::1]:8008', 200), ('localhost', 200), ('LOCALHOST:1', 200),
    ('evil.example', 403), ('evil.example:8008', 403), ('127.0.0.1.evil.example:8008', 403), ('0.0.0.0:8008', 403)])
def test_another_name_is_refused(make_app: Callable, host: str, status: int):
    """DNS rebinding: a site makes its own name point at this machine, and its page may then read the answers."""
    answer = make_app().test_client().get('/', headers={'Host': host})
    assert answer.status_code == status
    assert status == 200 or '--allow-host' in answer.get_json()['error']


@pytest.mark.parametrize(('origin', 'status'), [
    ('http://localhost', 200), ('http://evil.example', 403), ('https://localhost', 403), ('null', 403),
    ('http://localhost:99', 403)])
def test_another_sites_page_is_refused(make_app: Callable, origin: str, status: int):
    answer = make_app().test_client().post('/api/session', json={}, headers={'Origin': origin})
    assert answer.status_code == status


def test_models_that_were_given_come_first(make_app: Callable, web: SimpleNamespace, night_model: tuple[str, str]):
    """Before those that are shipped, whose names come earlier in the alphabet; in the text that the page reads."""
    given = Path(night_model[0]).with_name('zebra.py')
    given.write_text(Path(night_model[0]).read_text())
    shelf = web.models.Models([(str(given), night_model[1]), night_model])
    answer = make_app(shelf, folder=False).test_client().post('/api/session', json={}).get_data(as_text=True)
    names = list(json.loads(answer)['models'])
    assert names[:2] == ['zebra', 'tiny'] and len(names) > 2


def test_a_request_without_a_session_is_refused(make_app: Callable):
    client = make_app().test_client()
    for headers in ({}, {'X-Nightgen-Session': 'guessed'}):
        for path in ('editor/state', 'editor/result', 'editor/saved/map', 'translation/after', 'progress'):
            answer = client.get(f'/api/{path}', headers=headers)
            assert answer.status_code == 410 and 'reload the page' in answer.get_json()['error']


def test_two_sessions_are_kept_apart(make_app: Callable, client_of: Callable, images: Path):
    app = make_app()
    one, two = client_of(app), client_of(app)
    assert one.said['token'] != two.said['token'] and len(one.said['token']) >= 43
    first = map_of(one.post('editor/open', json={}))
    map_of(two.post('editor/open', json=dict(name='000001.png')))
    changed = map_of(one.post('editor/edit', json=dict(action='stroke', points=[[5, 5], [20, 9]], label=7, size=3)))
    assert (changed == 7).any()
    assert two.get('editor/state').get_json()['name'] == '000001.png'
    np.testing.assert_array_equal(map_of(two.get('editor/state')), first)
    assert not map_of(two.post('editor/edit', json=dict(action='undo'))).any()
    np.testing.assert_array_equal(map_of(one.get('editor/state')), changed)
    one.post('translation/run', data=png(random_picture(40, 40)), query_string=dict(model='tiny'))
    assert one.get('translation/after').status_code == 200 and two.get('translation/after').status_code == 404


def test_the_oldest_session_makes_room_and_its_files_go(web: SimpleNamespace):
    sessions = web.sessions.Sessions(most=2)
    first, second = sessions.open(), sessions.open()
    folder = first.folder
    assert folder.is_dir() and sessions.find(first.token) is first
    sessions.open()  # the second was used less lately
    with pytest.raises(web.sessions.Refused):
        sessions.find(second.token)
    sessions.open(), sessions.open()
    del first
    assert not folder.exists()


def test_an_edit_is_what_the_map_says_and_the_colours_are_the_models(make_app: Callable, client_of: Callable,
                                                                       images: Path, semantic_model: tuple):
    client = client_of(make_app())
    client.post('editor/open', json=dict(name='000002.png'))
    client.post('editor/edit', json=dict(action='stroke', points=[[10, 10], [30, 10]], label=7, size=4, shape='square'))
    client.post('editor/edit', json=dict(action='fill', x=0, y=0, label=59))
    client.post('editor/edit', json=dict(action='replace', old=7, new=12, region=[0, 0, 20, 48]))
    expected = np.full((48, 64), 59, np.uint8)
    expected[8:12, 8:32] = 7
    expected[8:12, 8:20] = 12
    np.testing.assert_array_equal(map_of(client.get('editor/state')), expected)
    colorization = translation_of(init_model(*semantic_model))
    photo = read_image(str(images / '000002.png'))
    np.testing.assert_array_equal(decode_image(client.get('editor/result').data),
                                  colorization([photo], dict(label=[expected]))[0])
    assert map_of(client.post('editor/edit', json=dict(action='remove', old=59)))[0, 0] == 0
    for _ in range(4):
        answer = client.post('editor/edit', json=dict(action='undo'))
    assert not map_of(answer).any() and not answer.get_json()['can_undo'] and answer.get_json()['can_redo']


def test_a_photo_larger_than_the_preview_is_saved_at_its_own_size(make_app: Callable, client_of: Callable,
                                                                  semantic_model: tuple):
    client, photo = client_of(make_app()), random_picture(90, 1200)
    assert client.post('editor/upload', data=png(photo), query_string=dict(name='b/ä.png')).status_code == 200
    client.post('editor/edit', json=dict(action='stroke', points=[[3, 3]], label=31, size=5, shape='square'))
    label = np.zeros((48, 64), np.uint8)
    label[1:6, 1:6] = 31
    assert decode_image(client.get('editor/result').data).shape == (77, 1024, 3)
    saved = client.get('editor/saved/map')
    assert saved.headers['X-Nightgen-Name'] == '%C3%A4_map.png'
    with Image.open(io.BytesIO(saved.data)) as picture:
        assert picture.mode == 'P' and picture.size == (1200, 90)
        rows, columns = (np.arange(90) + 0.5) * 48 // 90, (np.arange(1200) + 0.5) * 64 // 1200
        np.testing.assert_array_equal(np.asarray(picture), label[rows.astype(int)[:, None], columns.astype(int)])
    colours = decode_image(client.get('editor/saved/colour').data)
    np.testing.assert_array_equal(colours, translation_of(init_model(*semantic_model)).open(photo).colour(label))
    client.post('editor/edit', json=dict(action='undo'))
    np.testing.assert_array_equal(map_of(client.post('editor/map', data=saved.data)), label)


def test_the_images_of_the_folder_come_in_order_and_around(make_app: Callable, client_of: Callable):
    client = client_of(make_app())
    names = [client.post('editor/open', json=said).get_json()['name']
             for said in ({}, dict(step=1), dict(step=1), dict(step=1), dict(step=-1))]
    assert names == [f'{number:06d}.png' for number in (0, 1, 2, 0, 2)]


@pytest.mark.parametrize('name', ['../secret.png', '/etc/passwd', '..\\secret.png', 'images/../../secret.png', '', 3,
                                  '000000.png/../../secret.png', 'a\0b'])
def test_an_image_outside_the_folder_is_refused(make_app: Callable, client_of: Callable, name: Any):
    answer = client_of(make_app()).post('editor/open', json=dict(name=name))
    assert answer.status_code == 404 and 'files outside it are not shown' in answer.get_json()['error']


def test_a_link_out_of_the_folder_is_not_shown(make_app: Callable, client_of: Callable, images: Path,
                                               web: SimpleNamespace):
    os.symlink(images.parent / 'secret.png', images / 'link.png')
    os.symlink(images.parent, images / 'up')
    os.symlink(images / '000001.png', images / 'inside.png')
    app = make_app()
    client = client_of(app)
    assert client.said['images'] == 4
    for name in ('link.png', 'up/secret.png'):
        assert client.post('editor/open', json=dict(name=name)).status_code == 404
    assert client.post('editor/open', json=dict(name='inside.png')).status_code == 200
    (images / '000002.png').unlink()  # a file that becomes a link after the start
    os.symlink(images.parent / 'secret.png', images / '000002.png')
    assert client.post('editor/open', json=dict(name='000002.png')).status_code == 404
    for file in images.iterdir():
        file.unlink()
    os.symlink(images.parent / 'secret.png', images / 'link.png')
    with pytest.raises(FileNotFoundError, match='every image of'):
        web.uploads.ImageFolder(images)


def bomb() -> bytes:
    """A PNG whose header says 20000x20000 pixels and that holds none."""
    data = bytearray(png(np.zeros((1, 1), np.uint8)))
    data[16:24] = (20000).to_bytes(4, 'big') * 2
    import zlib
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, 'big')
    return bytes(data)


@pytest.mark.parametrize(('data', 'status', 'words'), [
    (b'a text file named .png', 415, 'this file is no image'),
    (b'', 415, 'this file is no image'),
    (b'<svg xmlns="http://www.w3.org/2000/svg"/>', 415, 'this file is no image'),
    (b'GIF89a' + bytes(60), 415, 'this file is no image'),
    (b'#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n', 415, 'this file is no image'),
    (png(random_picture(40, 40))[:-300], 415, 'truncated'),
    (bomb(), 413, '40 million'),
    (bytes(2 * 2 ** 20), 413, 'larger than 1 MB')])
def test_what_is_no_image_or_too_large_is_refused_in_words(make_app: Callable, client_of: Callable, data: bytes,
                                                           status: int, words: str):
    client = client_of(make_app(most_megabytes=1))
    for path in ('editor/upload', 'translation/run'):
        answer = client.post(path, data=data, query_string=dict(name='a.png', model='tiny'))
        assert answer.status_code == status and words in answer.get_json()['error']


@pytest.mark.parametrize(('said', 'words'), [
    (dict(action='explode'), 'there is no edit'),
    (dict(action='stroke', points=[[1, 2]], label=60), 'no class 60'),
    (dict(action='stroke', points=[[1, 2]], label='3'), 'label must be a whole number'),
    (dict(action='stroke', points=[[1, 2.5]], label=3), 'pairs'),
    (dict(action='stroke', points=[[1, 2]] * 20_000, label=3), 'at most 10000'),
    (dict(action='stroke', points=[[0, 0], [10 ** 12, 0]], label=3), 'at most 200000 pixels'),
    (dict(action='stroke', points=[[0, 0]], label=3, size=10 ** 9), 'wider than the map'),
    (dict(action='fill', x=999, y=0, label=3), 'outside the map'),
    (dict(action='fill', x=True, y=0, label=3), 'x must be a whole number'),
    (dict(action='replace', old=1, new=2, region=[1, 2]), 'region must be')])
def test_an_edit_that_cannot_be_is_refused_and_changes_nothing(make_app: Callable, client_of: Callable, said: dict,
                                                               words: str):
    client = client_of(make_app())
    client.post('editor/open', json={})
    answer = client.post('editor/edit', json=said)
    assert answer.status_code == 400 and words in answer.get_json()['error']
    assert not map_of(client.get('editor/state')).any()


def test_other_requests_that_cannot_be(make_app: Callable, client_of: Callable):
    client = client_of(make_app())
    for path in ('editor/state', 'editor/result', 'editor/saved/map'):
        assert client.get(path).status_code == 409
    client.post('editor/open', json={})
    assert client.get('editor/saved/other').status_code == 404
    wrong = client.post('editor/map', data=png(np.zeros((9, 9), np.uint8)))
    assert wrong.status_code == 400 and '9x9' in wrong.get_json()['error']
    assert 'single-channel' in client.post('editor/map', data=png(np.zeros((48, 64, 3), np.uint8))).get_json()['error']
    assert '[200]' in client.post('editor/map', data=png(np.full((48, 64), 200, np.uint8))).get_json()['error']
    assert client.post('translation/run', data=png(np.zeros((8, 8), np.uint8)), query_string=dict(model='x')
                       ).get_json()['error'].startswith("there is no model 'x'; there are semantic, tiny")
    too_long = client.post('editor/edit', data=json.dumps(dict(a='b' * 2 ** 21)), content_type='application/json')
    assert too_long.status_code == 413


def test_an_image_through_a_model(make_app: Callable, client_of: Callable, night_model: tuple):
    client, night = client_of(make_app()), random_picture(64, 96)
    # The given one first, then the shipped ones; the other given one needs a map beside the image.
    shipped = [(model.name, model.name) for model in list_models() if model.weights]
    assert list(client.said['models'].items()) == [('tiny', 'tiny: night to day'), *shipped]
    said = client.post('translation/run', data=png(night), query_string=dict(model='tiny', name='n.png')).get_json()
    assert said['kind'] == 'image' and said['frames'] == 1
    expected = translation_of(init_model(*night_model))([night])[0]
    np.testing.assert_array_equal(decode_image(client.get('translation/after').data), expected)
    np.testing.assert_array_equal(decode_image(client.get('translation/before').data), night)
    assert client.get('translation/after').headers['X-Nightgen-Name'] == 'n_tiny.png'
    assert client.get('progress').get_json() == dict(done=1.0)


def test_a_video_through_a_model(make_app: Callable, client_of: Callable, tmp_path: Path,
                                 monkeypatch: pytest.MonkeyPatch):
    writer = cv2.VideoWriter(str(tmp_path / 'v.avi'), cv2.VideoWriter_fourcc(*'MJPG'), 10, (64, 48))
    for seed in range(5):
        writer.write(random_picture(48, 64, seed))
    writer.release()
    data = (tmp_path / 'v.avi').read_bytes()
    client = client_of(make_app())
    run = dict(query_string=dict(model='tiny', name='v.avi'))
    said = client.post('translation/run', data=data, **run).get_json()
    assert said['kind'] == 'video' and said['frames'] == 5
    (tmp_path / 'after.webm').write_bytes(client.get('translation/after').data)
    made = cv2.VideoCapture(str(tmp_path / 'after.webm'))
    assert [made.read()[0] for _ in range(6)] == [True] * 5 + [False]
    assert 'notes' in said
    cut = client.post('translation/run', data=data[:-500], **run)
    assert cut.status_code == 415 and 'cut off' in cut.get_json()['error'] and '/' not in cut.get_json()['error']
    import page_translation
    monkeypatch.setattr(page_translation, 'MOST_FRAMES', 4)
    long = client.post('translation/run', data=data, **run)
    assert long.status_code == 413 and '5 frames' in long.get_json()['error']


def test_with_nothing_given_the_page_says_so(make_app: Callable, client_of: Callable, web: SimpleNamespace,
                                             monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(web.models, 'list_models', list)
    client = client_of(make_app(web.models.Models(), folder=False))
    assert client.said['editor'] is None and client.said['models'] == {}
    answer = client.post('editor/upload', data=png(np.zeros((8, 8, 3), np.uint8)))
    assert answer.status_code == 409 and 'no model whose colours follow' in answer.get_json()['error']
    assert '--images DIR' in client.post('editor/open', json={}).get_json()['error']


def test_what_is_shipped_with_weights_is_offered(web: SimpleNamespace, monkeypatch: pytest.MonkeyPatch,
                                                 make_app: Callable, client_of: Callable,
                                                 semantic_model: tuple, night_model: tuple):
    from nightgen.apis import ModelEntry
    entries = [ModelEntry('n2d', Path(night_model[0]), night_model[1]), ModelEntry('no weights', Path(night_model[0])),
               ModelEntry('sem', Path(semantic_model[0]), semantic_model[1])]
    monkeypatch.setattr(web.models, 'list_models', lambda: entries)
    models = web.models.Models([night_model])
    assert list(models.models) == ['tiny', 'n2d', 'sem']
    assert models.models['n2d'].loaded is None and models.editor_model() is models.models['sem'].loaded
    assert models.titles() == dict(tiny='tiny: night to day', n2d='n2d')
    monkeypatch.setattr(web.models, 'list_models', lambda: [ModelEntry('sem', Path(semantic_model[0]), 'lost.pth')])
    said = client_of(make_app(web.models.Models([night_model]))).said  # the other tab works
    assert said['editor'] is None and 'sem cannot be loaded' in said['problem'] and 'tiny' in said['models']
    monkeypatch.setattr(web.models, 'list_models', list)
    again = web.models.Models([night_model] * 2)
    assert list(again.models)[:2] == ['tiny', 'tiny (2)']


def test_a_folder_with_an_unreadable_image_says_which(make_app: Callable, client_of: Callable, images: Path):
    (images / '000001.png').write_bytes(b'text')
    answer = client_of(make_app()).post('editor/open', json=dict(name='000001.png'))
    assert answer.status_code == 415
    assert answer.get_json()['error'] == '000001.png cannot be read: not an image, or a corrupt one'


def test_a_16_bit_picture_is_taken(make_app: Callable, client_of: Callable, tmp_path: Path):
    write_image(str(tmp_path / 'a.png'), random_picture(48, 64, dtype=np.uint16))
    data = (tmp_path / 'a.png').read_bytes()
    client = client_of(make_app())
    assert client.post('editor/upload', data=data).status_code == 200
    assert decode_image(client.get('editor/grey').data, mode='grey').dtype == np.uint8
    assert client.post('translation/run', data=data, query_string=dict(model='tiny')).status_code == 200
    assert decode_image(client.get('translation/before').data).dtype == np.uint8
