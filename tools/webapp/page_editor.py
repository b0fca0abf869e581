"""The first tab: a class map over a grey photo, edited by strokes, and the colours that follow."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

import cv2
import numpy as np
from flask import Blueprint, Response, g, jsonify, request
from page_models import Models
from page_sessions import NAME_HEADER, Refused
from page_uploads import ImageFolder, decode_picture, png_of, preview_of

from nightgen.apis import SemanticMapEditor

MOST_JSON = 2 ** 20  # bytes; the longest stroke of a page has a fiftieth
MOST_POINTS = 10_000


class EditorRoom:
    """A photo, its map, and where it came from.

    Args:
        loaded: The colour model (:func:`nightgen.apis.translation_of`).
        name: The photo's name.
        read: Gives the photo, H,W,3 RGB, as often as it is asked; it is not kept, since it may be large.
        number: Its place in the folder of images; None for an upload.
    """

    def __init__(self, loaded: Any, name: str, read: Callable[[], np.ndarray], number: int | None):
        self.loaded, self.name, self.read, self.number = loaded, name, read, number
        picture = read()
        self.size = picture.shape[:2]
        preview = preview_of(picture)
        self.grey = png_of(cv2.cvtColor(preview, cv2.COLOR_RGB2GRAY))  # to look at; the network makes its own luma
        self.photo = loaded.open(preview)
        self.editor = SemanticMapEditor(loaded.model.label_set, self.first_map(), self.photo)

    def first_map(self) -> np.ndarray:
        """The predicted map, or one without classes where the model predicts none."""
        if self.loaded.can_predict:
            return self.photo.predict_label()
        return np.full(self.photo.size, self.loaded.model.label_set.unlabelled, np.uint8)

    def full_colours(self) -> np.ndarray:
        """The photo coloured at its own size, H,W,3 uint8 RGB."""
        return self.loaded.open(self.read()).colour(self.editor.label)

    def download_name(self, ending: str) -> str:
        """What a saved file is called."""
        return f'{PurePosixPath(self.name).stem}_{ending}.png'


def whole(arguments: Mapping[str, Any], name: str, default: int | None = None) -> int:
    """A whole number out of a request.

    Raises:
        Refused: It is missing or something else.
    """
    value = arguments.get(name, default)
    if type(value) is not int:
        raise Refused(400, f'{name} must be a whole number, got {value!r}')
    return value


def points_of(arguments: Mapping[str, Any]) -> list[tuple[int, int]]:
    """The points of a stroke out of a request.

    Raises:
        Refused: They are no list of pairs of whole numbers, or too many.
    """
    points = arguments.get('points')
    if not isinstance(points, list) or len(points) > MOST_POINTS or \
            not all(isinstance(point, list) and [type(part) for part in point] == [int, int] for point in points):
        raise Refused(400, f'points must be a list of at most {MOST_POINTS} pairs [x, y] of whole numbers')
    return [(x, y) for x, y in points]


def box_of(arguments: Mapping[str, Any]) -> tuple[int, int, int, int] | None:
    """The region of a request, a box; None for the whole map."""
    box = arguments.get('region')
    if box is not None and not (isinstance(box, list) and [type(side) for side in box] == [int] * 4):
        raise Refused(400, f'region must be [left, top, right, bottom] in whole numbers, got {box!r}')
    return box and tuple(box)


EDITS: dict[str, Callable[[EditorRoom, Mapping[str, Any]], bool]] = {
    'stroke': lambda room, said: room.editor.stroke(points_of(said), whole(said, 'label'), whole(said, 'size', 1),
                                                    str(said.get('shape', 'square'))),
    'fill': lambda room, said: room.editor.fill(whole(said, 'x'), whole(said, 'y'), whole(said, 'label')),
    'replace': lambda room, said: room.editor.replace_class(whole(said, 'old'), whole(said, 'new'), box_of(said)),
    'remove': lambda room, said: room.editor.remove_class(whole(said, 'old'), box_of(said)),
    'undo': lambda room, said: room.editor.undo(),
    'redo': lambda room, said: room.editor.redo(),
    'restart': lambda room, said: room.editor.set_label(room.first_map()),
}


def editor_routes(models: Models, folder: ImageFolder | None) -> Blueprint:
    """The requests of the first tab."""
    routes = Blueprint('editor', __name__, url_prefix='/api/editor')

    def room() -> EditorRoom:
        if 'editor' not in g.session.rooms:
            raise Refused(409, 'no image is open: upload one or choose one of the folder')
        return g.session.rooms['editor']

    def open_room(name: str, read: Callable[[], np.ndarray], number: int | None) -> Response:
        loaded = models.editor_model()
        if loaded is None:
            raise Refused(409, 'no model whose colours follow a class map was given or is shipped')
        with models.running:
            g.session.rooms['editor'] = EditorRoom(loaded, name, read, number)
        return state(True)

    def changed_by(edit: Callable[[], bool]) -> Response:
        try:
            return state(edit())
        except ValueError as error:  # the editor's word on what cannot be
            raise Refused(400, str(error)) from error

    def state(changed: bool) -> Response:
        editor = room().editor
        height, width = editor.label.shape
        return jsonify(changed=changed, name=room().name, number=room().number, height=height, width=width,
                       photo=room().size, can_undo=editor.can_undo, can_redo=editor.can_redo,
                       map=base64.b64encode(editor.label.tobytes()).decode())

    @routes.post('/open')
    def open_image() -> Response:
        """One of the folder's images: by ``name``, or ``step`` further than the one that is open."""
        if folder is None:
            raise Refused(409, 'there is no folder of images: start the program with --images DIR, or upload an image')
        request.max_content_length = MOST_JSON
        said = request.get_json()
        name = said.get('name')
        if name is None:
            opened = g.session.rooms.get('editor')
            number = opened.number if opened is not None else None
            step = whole(said, 'step', 1)
            name = folder.names[0 if number is None else (number + step) % len(folder.names)]
        folder.check(str(name))
        return open_room(str(name), lambda: folder.read(str(name)), folder.names.index(name))

    @routes.post('/upload')
    def upload() -> Response:
        """The request's body is an image, ``name`` what it is called."""
        data = request.get_data()
        return open_room(request.args.get('name', 'image'), lambda: decode_picture(data), None)

    @routes.post('/edit')
    def edit() -> Response:
        """An edit by name, see :data:`EDITS`."""
        request.max_content_length = MOST_JSON
        said = request.get_json()
        if said.get('action') not in EDITS:
            raise Refused(400, f'there is no edit {said.get("action")!r}; there are {", ".join(EDITS)}')
        return changed_by(lambda: EDITS[said['action']](room(), said))

    @routes.post('/map')
    def load_map() -> Response:
        """The request's body is an indexed PNG of the photo's size or of the map's."""
        label, (height, width) = decode_picture(request.get_data(), 'label'), room().size
        if label.shape not in ((height, width), room().editor.label.shape):
            raise Refused(400, f'the map has {label.shape[1]}x{label.shape[0]} pixels, the photo {width}x{height}; it '
                               "must have the photo's size")
        return changed_by(lambda: room().editor.set_label(label))

    @routes.get('/state')
    def current() -> Response:
        return state(False)

    @routes.get('/grey')
    def grey() -> Response:
        return Response(room().grey, mimetype='image/png')

    @routes.get('/result')
    def result() -> Response:
        """The colours of the map as it is now, at the preview's size."""
        with models.running:
            return Response(png_of(room().editor.recolor()), mimetype='image/png')

    @routes.get('/saved/<kind>')
    def saved(kind: str) -> Response:
        """``map``: indexed PNG, ``colour``: the picture; both at the photo's own size."""
        if kind == 'map':
            data = room().editor.to_png(room().size)
        elif kind == 'colour':
            with models.running:
                data = png_of(room().full_colours())
        else:
            raise Refused(404, f'there is no {kind!r} to save; there are map and colour')
        return Response(data, mimetype='image/png', headers={NAME_HEADER: quote(room().download_name(kind))})

    return routes
