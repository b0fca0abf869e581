"""The third tab: pictures of unnamed methods, and the scores that people give them."""

from __future__ import annotations

import threading

from flask import Blueprint, Response, jsonify, request
from page_sessions import Refused
from page_uploads import png_of

from nightgen.apis.user_study import UserStudy
from nightgen.utils.images import read_image, to_uint8

LONGEST_NAME = 60


def study_routes(study: UserStudy) -> Blueprint:
    """The requests of the third tab; what is sent names no method."""
    routes, writing = Blueprint('study', __name__, url_prefix='/api/study'), threading.Lock()

    def rater_of(name: object) -> str:
        if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME:
            raise Refused(400, f'a name of at most {LONGEST_NAME} letters is needed')
        return name.strip()

    @routes.get('/sheet')
    def sheet() -> Response:
        """The next sheet of a person, and how many of theirs are scored."""
        rater = rater_of(request.args.get('rater'))
        sheets, number = study.sheets(rater), study.next_sheet(rater)
        if number is None:
            return jsonify(sheets=len(sheets), scored=len(sheets), sheet=None)
        return jsonify(sheets=len(sheets), scored=number, sheet=dict(
            number=number, pictures=len(sheets[number].methods), questions=sheets[number].questions))

    @routes.get('/picture')
    def picture() -> Response:
        """A picture of a sheet, by the sheet's number and its own."""
        sheets = study.sheets(rater_of(request.args.get('rater')))
        number, place = request.args.get('sheet', -1, int), request.args.get('picture', -1, int)
        if not (0 <= number < len(sheets) and 0 <= place < len(sheets[number].methods)):
            raise Refused(404, 'there is no such image in this study')
        shown = sheets[number]
        file = study.files[shown.methods[place]][shown.key]
        return Response(png_of(to_uint8(read_image(str(file)))), mimetype='image/png')

    @routes.post('/scores')
    def scores() -> Response:
        """The scores of a sheet."""
        said = request.get_json()
        given = said.get('scores')
        if type(said.get('sheet')) is not int or not isinstance(given, list) or \
                not all(isinstance(each, dict) for each in given):
            raise Refused(400, 'sheet must be a number and scores a list of scores by question')
        try:
            with writing:
                study.score(rater_of(said.get('rater')), said['sheet'], given)
        except ValueError as error:
            raise Refused(400, str(error)) from error
        return jsonify(kept=True)

    return routes
