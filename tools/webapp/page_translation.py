"""The second tab: an image or a short video through any model, before and after."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import quote

import numpy as np
from flask import Blueprint, Response, g, jsonify, request, send_file
from page_models import Models
from page_sessions import NAME_HEADER, Refused, Session
from page_uploads import decode_picture, png_of, video_ending

from nightgen.apis.video import BrokenVideoError, VideoReader, VideoResult, translate_video
from nightgen.utils.images import to_uint8

Translate = Callable[[Sequence[np.ndarray]], list[np.ndarray]]
MOST_FRAMES = 900
MOST_FRAME_PIXELS = 2_200_000  # 1920x1088
SHOWN = {'.mp4': 'video/mp4', '.webm': 'video/webm', '.mkv': 'video/x-matroska', '.avi': 'video/x-msvideo',
         '.png': 'image/png'}


class TranslationRoom(NamedTuple):
    """Before and after, in files of the session's folder, and what the result is called."""

    before: Path
    after: Path
    name: str


def translation_routes(models: Models) -> Blueprint:
    """The requests of the second tab."""
    routes = Blueprint('translation', __name__, url_prefix='/api/translation')

    def taking(name: str) -> Translate:
        """A model that refuses in words what its network cannot take, for whatever reason."""
        translation = models.translation(name)

        def translate(pictures: Sequence[np.ndarray]) -> list[np.ndarray]:
            try:
                return translation(pictures)
            except (TypeError, ValueError, RuntimeError) as error:
                raise Refused(422, f'{name} cannot take this file: {error}') from error

        return translate

    def picture(data: bytes, translate: Translate, session: Session) -> tuple[Path, Path, VideoResult]:
        seen = decode_picture(data)
        before, after = session.folder / 'before.png', session.folder / 'after.png'
        with models.running:
            made = translate([seen])[0]
        before.write_bytes(png_of(to_uint8(seen)))
        after.write_bytes(png_of(made))
        return before, after, VideoResult(1, None, [])

    def video(data: bytes, ending: str, translate: Translate, session: Session) -> tuple[Path, Path, VideoResult]:
        before, after = session.folder / f'before{ending}', session.folder / 'after.webm'
        before.write_bytes(data)
        try:
            reader = VideoReader(before)
            width, height = reader.size
            if len(reader.times) > MOST_FRAMES or width * height > MOST_FRAME_PIXELS:
                reader.close()
                raise Refused(413, f'the video has {len(reader.times)} frames of {width}x{height}; at most '
                                   f'{MOST_FRAMES} frames of {MOST_FRAME_PIXELS / 1e6:.1f} million pixels are taken; '
                                   'translate it with tools/translate.py')
            share = 1 / len(reader.times)

            def one_more() -> None:
                session.done += share

            with models.running:
                return before, after, translate_video(reader, after, translate, progress=one_more)
        except BrokenVideoError as error:
            raise Refused(415, str(error).replace(str(before), 'that was uploaded')) from error

    @routes.post('/run')
    def run() -> Response:
        """The request's body is an image or a video, ``name`` what it is called, ``model`` what it goes through."""
        data, model = request.get_data(), request.args.get('model', '')
        translate = taking(model)
        g.session.done, started = 0.0, time.monotonic()
        ending = video_ending(data[:64])
        before, after, made = video(data, ending, translate, g.session) if ending else \
            picture(data, translate, g.session)
        stem = PurePosixPath(request.args.get('name', 'image')).stem
        g.session.rooms['translation'] = TranslationRoom(before, after, f'{stem}_{model}{after.suffix}')
        g.session.done = 1.0
        return jsonify(kind='video' if ending else 'image', frames=made.frames, model=models.models[model].title,
                       notes=made.notes, seconds=time.monotonic() - started)

    @routes.get('/<side>')
    def shown(side: str) -> Response:
        """``before`` or ``after``."""
        room = g.session.rooms.get('translation')
        if room is None or side not in ('before', 'after'):
            raise Refused(404, f'there is no {side!r} to show')
        file = getattr(room, side)
        answer = send_file(file, mimetype=SHOWN[file.suffix], etag=False, conditional=False)
        answer.headers[NAME_HEADER] = quote(room.name)
        return answer

    return routes
