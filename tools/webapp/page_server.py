"""The page's server: who may ask, how much, and what is answered when something cannot be done."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from flask import Flask, Response, g, jsonify, request
from page_editor import editor_routes
from page_models import Models
from page_sessions import HEADER, Refused, Sessions
from page_translation import translation_routes
from page_uploads import ImageFolder
from werkzeug.exceptions import HTTPException

PAGE = Path(__file__).parent / 'page'
# The page needs nothing from elsewhere, and nobody else may put it into theirs.
HEADERS = {
    'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                               "img-src 'self' blob:; media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; "
                               "form-action 'none'",
    'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer', 'Cache-Control': 'no-store',
    'Cross-Origin-Resource-Policy': 'same-origin', 'Cross-Origin-Opener-Policy': 'same-origin',
}


def make_app(models: Models, folder: ImageFolder | None = None, study: object = None,
             hosts: Collection[str] = ('127.0.0.1', 'localhost', '[::1]'), most_megabytes: int = 64) -> Flask:
    """The application.

    Args:
        models: What the page offers.
        folder: The images of the first tab.
        study: A :class:`~nightgen.apis.user_study.UserStudy`, for the third tab.
        hosts: Names under which it may be asked for. A site that makes its own name point here (DNS rebinding) is
            refused, and so is a request that another site's page sends.
        most_megabytes: How large an upload may be.
    """
    app = Flask(__name__, static_folder=str(PAGE), static_url_path='/page')
    app.config['MAX_CONTENT_LENGTH'] = most_megabytes * 2 ** 20
    app.json.sort_keys = False  # models in their order: those that were given first
    sessions = Sessions()

    @app.before_request
    def check() -> None:
        name, _, port = request.host.rpartition(':')
        if not port.isdigit():
            name = request.host
        if name.lower() not in hosts:
            raise Refused(403, f'this page is not known as {name!r}; open it by the address that the program printed, '
                               'or allow the name with --allow-host')
        origin = request.headers.get('Origin')
        if origin is not None and origin != f'{request.scheme}://{request.host}':
            raise Refused(403, 'this request comes from the page of another site')
        if request.path.startswith('/api/') and request.path != '/api/session':
            g.session = sessions.find(request.headers.get(HEADER))
            if request.path != '/api/progress':
                g.session.lock.acquire()
                g.locked = True

    @app.teardown_request
    def leave(error: BaseException | None) -> None:
        if g.pop('locked', False):
            g.session.lock.release()

    @app.after_request
    def protect(answer: Response) -> Response:
        answer.headers.update(HEADERS)
        return answer

    @app.errorhandler(Refused)
    def refused(error: Refused) -> tuple[Response, int]:
        return jsonify(error=error.text), error.status

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> tuple[Response, int]:
        texts = {413: f'the file is larger than {most_megabytes} MB; make it smaller, or start the program with '
                      '--max-upload',
                 500: 'the program failed on this; the terminal in which it runs says why'}
        return jsonify(error=texts.get(error.code, error.description)), error.code

    @app.get('/')
    def page() -> Response:
        return app.send_static_file('index.html')

    @app.post('/api/session')
    def session() -> Response:
        """A new session, and what the page can do."""
        editor, problem = None, None
        try:
            editor = models.editor_model()
        except Refused as error:  # a shipped model that cannot be built; the other tabs work
            problem = error.text
        label_set = editor.model.label_set if editor else None
        return jsonify(
            token=sessions.open().token, models=models.titles(), most_megabytes=most_megabytes,
            images=len(folder.names) if folder else 0, study=study is not None, problem=problem,
            editor=None if label_set is None else dict(
                classes=list(label_set.classes), palette=[list(colour) for colour in label_set.palette],
                unlabelled=label_set.unlabelled, predicts=editor.can_predict))

    @app.get('/api/progress')
    def progress() -> Response:
        return jsonify(done=g.session.done)

    app.register_blueprint(editor_routes(models, folder))
    app.register_blueprint(translation_routes(models))
    if study is not None:
        from page_study import study_routes
        app.register_blueprint(study_routes(study))
    return app
