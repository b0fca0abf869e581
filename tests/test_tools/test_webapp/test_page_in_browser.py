"""The page as a person uses it, in a headless browser: what is painted, what follows, and what is saved."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from nightgen.apis import init_model, list_models, translation_of
from nightgen.apis.semantic_editor import brush_stamp, straight_line
from nightgen.apis.user_study import CRITERIA, UserStudy, study_table
from nightgen.structures.label_sets import load_label_set
from nightgen.testing import random_picture, write_pictures
from nightgen.utils.images import read_image

HEIGHT, WIDTH = 48, 64
CLASSES = load_label_set('pascal_context').classes
SKY, ROAD, WATER, WOOD = map(CLASSES.index, ('sky', 'road', 'water', 'wood'))


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something holds; the page's policy forbids the browser's own waiting for an expression."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, 'it did not come to hold'
        time.sleep(0.05)


class Desk:
    """A person at the first tab, who thinks in pixels of the map."""

    def __init__(self, page: Any):
        self.page = page
        self.box = page.locator('#map').bounding_box()

    def at(self, x: int, y: int) -> tuple[float, float]:
        """Where the middle of a pixel is shown."""
        return (self.box['x'] + (x + 0.5) / WIDTH * self.box['width'],
                self.box['y'] + (y + 0.5) / HEIGHT * self.box['height'])

    def click(self, x: int, y: int, **options: Any) -> None:
        self.page.mouse.move(*self.at(x, y))
        self.page.mouse.click(*self.at(x, y), **options)

    def drag(self, *points: tuple[int, int]) -> None:
        """From pixel to pixel with the button held."""
        self.page.mouse.move(*self.at(*points[0]))
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*self.at(*point))
        self.page.mouse.up()

    def choose(self, name: str) -> None:
        self.page.locator(f'#classes li:text-is("{name}")').click()

    def changed(self, act: Callable[[], Any]) -> None:
        """Do what changes the map, and wait until its colours are shown."""
        with self.page.expect_response(lambda answer: answer.url.endswith('/editor/result')):
            act()
        self.page.wait_for_selector('body[data-result=shown]')

    def keys(self, keys: str) -> None:
        self.changed(lambda: self.page.keyboard.press(keys))

    def result(self) -> np.ndarray:
        """The pixels of the result as the browser has them."""
        pixels = self.page.evaluate('''() => {
            const image = document.getElementById('result'), canvas = document.createElement('canvas');
            canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
            const context = canvas.getContext('2d');
            context.drawImage(image, 0, 0);
            return [...context.getImageData(0, 0, canvas.width, canvas.height).data]; }''')
        return np.array(pixels, np.uint8).reshape(HEIGHT, WIDTH, 4)[..., :3]

    def saved(self, button: str, folder: Path) -> tuple[str, np.ndarray, str]:
        """Name, pixels and Pillow's mode of what a button saves."""
        with self.page.expect_download() as download:
            self.page.locator(button).click()
        download.value.save_as(folder / 'saved.png')
        with Image.open(folder / 'saved.png') as picture:
            return download.value.suggested_filename, np.asarray(picture), picture.mode

    def text(self, selector: str) -> str:
        return self.page.locator(selector).inner_text()


@pytest.fixture
def desk(make_app: Callable, serve: Callable, open_page: Callable) -> Desk:
    """The page with the first image of the folder open and coloured."""
    page = open_page(serve(make_app()))
    page.wait_for_selector('body[data-result=shown]')
    return Desk(page)


def stamped(label: np.ndarray, points: list[tuple[int, int]], number: int, size: int) -> np.ndarray:
    """A disc along straight lines, pixel by pixel."""
    label = label.copy()
    for x, y in straight_line(points):
        for row in range(max(y - size // 2, 0), min(y - size // 2 + size, HEIGHT)):
            for column in range(max(x - size // 2, 0), min(x - size // 2 + size, WIDTH)):
                down, across = row - y + size // 2 + 0.5 - size / 2, column - x + size // 2 + 0.5 - size / 2
                if down ** 2 + across ** 2 <= size ** 2 / 4:
                    label[row, column] = number
    return label


def test_a_stroke_changes_the_result_only_as_it_should(desk: Desk, images: Path, tmp_path: Path,
                                                       semantic_model: tuple[str, str]):
    photo, colorization = read_image(str(images / '000000.png')), translation_of(init_model(*semantic_model))
    colours = lambda label: colorization([photo], dict(label=[label]))[0]  # noqa: E731
    empty = np.zeros((HEIGHT, WIDTH), np.uint8)
    before = desk.result()
    np.testing.assert_array_equal(before, colours(empty))
    desk.choose('wood')
    assert desk.text('#brush-status').split(', ') == ['wood', '9 px']
    for _ in range(4):
        desk.page.mouse.move(*desk.at(9, 9))
        desk.page.mouse.wheel(0, 100)
    assert desk.text('#brush-status').endswith('5 px')
    desk.changed(lambda: desk.drag((10, 8), (13, 12), (20, 9)))
    expected = stamped(empty, [(10, 8), (13, 12), (20, 9)], WOOD, 5)
    name, label, mode = desk.saved('#save-map', tmp_path)
    np.testing.assert_array_equal(label, expected)
    assert name == '000000_map.png' and mode == 'P'
    after = desk.result()
    np.testing.assert_array_equal(after, colours(expected))
    differs = (before != after).any(axis=2)
    near = cv2.dilate((expected != 0).astype(np.uint8), np.ones((33, 33), np.uint8)).astype(bool)
    assert differs[expected != 0].mean() > 0.9 and not differs[~near].any() and (~near).any()
    name, picture, mode = desk.saved('#save-colour', tmp_path)
    np.testing.assert_array_equal(picture, after)
    assert name == '000000_colour.png' and mode == 'RGB'
    desk.keys('Control+z')
    np.testing.assert_array_equal(desk.result(), before)
    desk.keys('Control+y')
    np.testing.assert_array_equal(desk.result(), after)


def test_pick_fill_replace_remove_and_start_again(desk: Desk, tmp_path: Path):
    expected = np.zeros((HEIGHT, WIDTH), np.uint8)
    desk.page.locator('#shape').select_option('square')
    desk.page.keyboard.press('Escape')
    desk.choose('sky')
    desk.changed(lambda: desk.drag((0, 20), (63, 20)))  # from edge to edge: two regions of background stay
    expected[16:25] = SKY
    desk.page.locator('[data-tool=fill]').click()
    desk.choose('road')
    desk.changed(lambda: desk.click(30, 40))
    expected[25:] = ROAD
    desk.page.locator('[data-tool=picker]').click()
    desk.click(5, 20)
    assert desk.text('#brush-class') == 'sky' and desk.text('#under') == 'sky'
    desk.page.keyboard.down('Alt')
    desk.page.locator('[data-tool=brush]').click()
    desk.click(5, 40)
    desk.page.keyboard.up('Alt')
    assert desk.text('#brush-class') == 'road'
    np.testing.assert_array_equal(desk.saved('#save-map', tmp_path)[1], expected)  # picking has changed nothing
    desk.page.keyboard.press('/')
    desk.page.keyboard.type('water')
    assert desk.page.locator('#classes li:visible').count() == 1
    desk.page.keyboard.press('Enter')
    assert desk.text('#brush-class') == 'water'
    desk.page.keyboard.press('r')
    desk.drag((50, 40), (10, 30))
    assert desk.text('#replace-where') == 'Replace in the region'
    desk.page.locator('#replace-old').select_option('road')
    desk.changed(lambda: desk.page.locator('#replace').click())
    expected[30:41, 10:51] = WATER
    np.testing.assert_array_equal(desk.saved('#save-map', tmp_path)[1], expected)
    desk.page.locator('#map').focus()
    desk.page.keyboard.press('Escape')
    assert desk.text('#replace-where') == 'Replace everywhere'
    desk.page.mouse.move(*desk.at(5, 20))
    desk.keys('Delete')
    expected[expected == SKY] = 0
    np.testing.assert_array_equal(desk.saved('#save-map', tmp_path)[1], expected)
    desk.changed(lambda: desk.page.locator('#restart').click())
    assert not desk.saved('#save-map', tmp_path)[1].any()
    for _ in range(5):
        desk.keys('Control+z')
    assert not desk.saved('#save-map', tmp_path)[1].any() and desk.page.locator('#undo').is_disabled()


def test_the_preview_draws_the_servers_pixels(desk: Desk):
    """What is drawn ahead of the server's answer: brush and line of the script against the editor's."""
    sizes, ends = list(range(1, 24)), [(0, 0), (7, 3), (-3, 2), (5, -9), (2, 6), (-4, -4), (0, 11)]
    said = desk.page.evaluate('''async ([sizes, ends]) => {
        const { stampRows, lineBetween } = await import('/page/map_canvas.js');
        return [sizes.flatMap((size) => ['square', 'disc'].map((shape) => stampRows(size, shape))),
          ends.flatMap((start) => ends.map((end) => lineBetween(start, end)))]; }''', [sizes, ends])
    for rows, (size, shape) in zip(said[0], ((size, shape) for size in sizes for shape in ('square', 'disc')),
                                   strict=True):
        drawn = np.array([[begin <= column < end for column in range(size)] for begin, end in rows])
        np.testing.assert_array_equal(drawn, brush_stamp(size, shape), err_msg=f'{shape} {size}')
    lines = [[list(point) for point in straight_line([start, end])[1:]] for start in ends for end in ends]
    assert said[1] == lines


def test_next_previous_upload_drop_and_a_map_from_a_file(desk: Desk, tmp_path: Path):
    assert desk.text('#photo-name') == '000000.png (1 of 3), 64x48'
    desk.changed(lambda: desk.page.locator('#next').click())
    assert desk.text('#photo-name').startswith('000001.png (2 of 3)')
    desk.keys('PageUp')
    desk.keys('PageUp')
    assert desk.text('#photo-name').startswith('000002.png (3 of 3)')
    write_pictures(tmp_path, 1, (96, 128), names=['large.png'])
    desk.changed(lambda: desk.page.set_input_files('#photo-file', tmp_path / 'large.png'))
    assert desk.text('#photo-name') == 'large.png, 128x96'
    label = np.random.default_rng(0).integers(0, 60, (HEIGHT, WIDTH), np.uint8)
    Image.fromarray(np.kron(label, np.ones((2, 2), np.uint8))).save(tmp_path / 'map.png')
    desk.changed(lambda: desk.page.set_input_files('#map-file', tmp_path / 'map.png'))
    np.testing.assert_array_equal(desk.saved('#save-map', tmp_path)[1], np.kron(label, np.ones((2, 2), np.uint8)))
    assert desk.saved('#save-colour', tmp_path)[1].shape == (96, 128, 3)


def test_what_is_refused_is_said_and_changes_nothing(make_app: Callable, serve: Callable, open_page: Callable,
                                                     tmp_path: Path):
    desk = Desk(page := open_page(serve(make_app(most_megabytes=1), megabytes=1)))
    page.wait_for_selector('body[data-result=shown]')
    before = desk.result()
    (tmp_path / 'text.png').write_text('a text file')
    (tmp_path / 'huge.png').write_bytes(bytes(2 * 2 ** 20))
    for file, words in (('text.png', 'this file is no image'), ('huge.png', 'larger than 1 MB')):
        page.set_input_files('#photo-file', tmp_path / file)
        page.locator('#message', has_text=words).wait_for()
    said = page.evaluate('''async () => {
        const { ask } = await import('/page/server.js');
        return ask('editor/open', { body: { name: '../secret.png' } }).catch((error) => error.message); }''')
    assert said == "the folder of images has no '../secret.png'; files outside it are not shown"
    np.testing.assert_array_equal(desk.result(), before)
    assert desk.text('#photo-name').startswith('000000.png')
    page.route('**/editor/edit', lambda route: route.fulfill(
        status=400, content_type='application/json', body=json.dumps(dict(error='refused for the test'))))
    desk.drag((10, 10), (20, 10))  # it is drawn ahead, and taken back when the server refuses
    page.locator('#message', has_text='refused for the test').wait_for()
    assert not desk.saved('#save-map', tmp_path)[1].any()
    page.mouse.move(*desk.at(15, 10))
    assert desk.text('#under') == 'background'


def test_two_people_at_once(make_app: Callable, serve: Callable, open_page: Callable, tmp_path: Path):
    address = serve(make_app())
    desks = [Desk(open_page(address)) for _ in range(2)]
    for desk, name in zip(desks, ('sky', 'road'), strict=True):
        desk.page.wait_for_selector('body[data-result=shown]')
        desk.choose(name)
    for step in (5, 15):
        for desk in desks:
            desk.changed(lambda: desk.drag((step, 10), (step + 8, 20)))  # noqa: B023
    for desk, number in zip(desks, (SKY, ROAD), strict=True):
        assert set(np.unique(desk.saved('#save-map', tmp_path)[1])) == {0, number}
    desks[0].keys('Control+z')
    expected = stamped(stamped(np.zeros((HEIGHT, WIDTH), np.uint8), [(5, 10), (13, 20)], ROAD, 9), [(15, 10), (23, 20)],
                       ROAD, 9)
    np.testing.assert_array_equal(desks[1].saved('#save-map', tmp_path)[1], expected)


def test_an_image_and_a_video_before_and_after(make_app: Callable, serve: Callable, open_page: Callable,
                                               tmp_path: Path, night_model: tuple[str, str]):
    page = open_page(serve(make_app()))
    page.locator('#tab-translation').click()
    shipped = [model.name for model in list_models() if model.weights]
    assert page.locator('#model option').all_inner_texts() == ['tiny: night to day', *shipped]
    page.select_option('#model', 'tiny')
    night = random_picture(60, 80)
    Image.fromarray(night).save(tmp_path / 'night.png')
    page.set_input_files('#any-file', tmp_path / 'night.png')
    page.locator('#translate').click()
    page.wait_for_selector('#compare .after img')
    until(lambda: page.evaluate('document.querySelector("#compare .after img").naturalWidth') == 80)
    edge = "getComputedStyle(document.querySelector('#compare .before')).clipPath"
    assert page.evaluate(edge) == 'inset(0px 50% 0px 0px)'
    box = page.locator('#slider').bounding_box()
    page.mouse.move(box['x'] + box['width'] * 0.5, box['y'] + 20)
    page.mouse.down()
    page.mouse.move(box['x'] + box['width'] * 0.8, box['y'] + 20)
    page.mouse.up()
    assert 15 < float(page.evaluate(edge).split()[1].rstrip('%')) < 25
    with page.expect_download() as download:
        page.locator('#download').click()
    assert download.value.suggested_filename == 'night_tiny.png'
    download.value.save_as(tmp_path / 'day.png')
    np.testing.assert_array_equal(read_image(str(tmp_path / 'day.png')),
                                  translation_of(init_model(*night_model))([night])[0])
    writer = cv2.VideoWriter(str(tmp_path / 'v.webm'), cv2.VideoWriter_fourcc(*'VP80'), 10, (64, 48))
    for seed in range(4):
        writer.write(random_picture(48, 64, seed))
    writer.release()
    page.set_input_files('#any-file', tmp_path / 'v.webm')
    page.locator('#translate').click()
    page.wait_for_selector('#compare .after video')
    assert ', 4 frames, ' in page.locator('#translation-state').inner_text()
    for side in ('before', 'after'):  # both are decoded
        until(lambda: page.evaluate(f'document.querySelector("#compare .{side} video").videoWidth') == 64)  # noqa: B023


def test_a_page_without_models_says_what_to_do(make_app: Callable, serve: Callable, open_page: Callable, web: Any,
                                               monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(web.models, 'list_models', list)
    page = open_page(serve(make_app(web.models.Models(), folder=False)))
    assert 'python tools/webapp/app.py CONFIG CHECKPOINT' in page.locator('#editor-empty').inner_text()
    page.locator('#tab-translation').click()
    assert 'bash tools/quickstart.sh' in page.locator('#translation-empty').inner_text()
    assert not page.locator('#tab-study').is_visible()


def test_a_person_scores_a_study(make_app: Callable, serve: Callable, open_page: Callable, tmp_path: Path):
    for seed, method in enumerate(('ours', 'theirs')):
        write_pictures(tmp_path / method, 1, (20, 30), seed)
    study = UserStudy({method: tmp_path / method for method in ('ours', 'theirs')}, tmp_path / 'scores')
    page = open_page(serve(make_app(study=study)))
    page.locator('#tab-study').click()
    page.locator('#rater').fill('Ada')
    page.locator('#study-start button').click()
    given: dict[str, list[int]] = dict(ours=[], theirs=[])
    for number, sheet in enumerate(study.sheets('Ada')):
        page.locator('#study-state', has_text=f'Sheet {number + 1} of 3').wait_for()
        until(lambda: page.locator('#sheet-pictures img').count() == len(sheet.methods))  # noqa: B023
        assert not any(method in page.locator('#study').inner_html() for method in given)
        if number == 0:
            page.locator('#sheet > button').click()
            page.locator('#message', has_text='3 scores are missing').wait_for()
        for place, method in enumerate(sheet.methods):
            for question in sheet.questions:
                score = 80 if method == 'ours' else 30
                page.locator(f'input[data-picture="{place}"][data-question="{question}"]').fill(str(score))
        page.locator('#sheet > button').click()
    page.locator('#study-state', has_text='All 3 sheets').wait_for()
    table = study_table(tmp_path / 'scores')
    assert set(table['ours'].values()) == {80} and set(table['theirs'].values()) == {30}
    assert len(table['ours']) == 5


def test_somebody_else_of_a_known_name_is_told(make_app: Callable, serve: Callable, open_page: Callable,
                                               tmp_path: Path):
    for seed, method in enumerate(('ours', 'theirs')):
        write_pictures(tmp_path / method, 1, (20, 30), seed)
    study = UserStudy({method: tmp_path / method for method in ('ours', 'theirs')}, tmp_path / 'scores')
    study.score('Ada', 0, [dict.fromkeys(CRITERIA, 50)])
    page = open_page(serve(make_app(study=study)))
    page.locator('#tab-study').click()
    page.locator('#rater').fill(' Ada ')
    page.locator('#study-start button').click()
    page.locator('#study-state', has_text='Ada has scored 1 of 3 sheets. Is that you?').wait_for()
    assert not page.locator('#sheet').is_visible()
    page.locator('#study-other').click()
    page.locator('#study-state', has_text='a name that nobody else has').wait_for()
    assert not page.locator('#study-known').is_visible()
    page.locator('#rater').fill('Ada')
    page.locator('#study-start button').click()
    page.locator('#study-me').click()
    page.locator('#study-state', has_text='Sheet 2 of 3').wait_for()
    page.locator('#rater').fill('Ada B.')
    page.locator('#study-start button').click()
    page.locator('#study-state', has_text='Sheet 1 of 3').wait_for()


def test_a_screenshot_shows_the_map_in_its_colours(desk: Desk):
    """The canvas as a person sees it: photo and class colour, half and half."""
    desk.choose('sky')
    desk.page.locator('#opacity').fill('100')
    desk.changed(lambda: desk.drag((10, 10), (50, 10)))
    desk.page.mouse.move(0, 0)
    shot = np.asarray(Image.open(io.BytesIO(desk.page.locator('#map').screenshot())).convert('RGB'))
    x, y = desk.at(30, 10)
    sky = shot[int(y - desk.box['y']), int(x - desk.box['x'])]
    assert tuple(sky) == load_label_set('pascal_context').palette[SKY]
