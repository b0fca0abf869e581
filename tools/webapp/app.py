"""One local page: edit the class map of a grey photo and see its colours follow; translate images and short videos.

Without a config it offers the models that are shipped with weights. Nothing is fetched from outside, and only this
machine can open the page unless --host says otherwise.
"""

from __future__ import annotations

import argparse

from nightgen.checkpoint import CheckpointError
from nightgen.models.experts import MissingPackageError
from nightgen.utils.cli import UsageError, run_tool

EXAMPLE = """examples:
  python tools/webapp/app.py configs/n2d_lpnet/nightscape_small.py work_dirs/quickstart/iter_400.pth
  python tools/webapp/app.py CONFIG CHECKPOINT --images photos/ --precision bf16
  python tools/webapp/app.py --study ours=results/ours zhang2016=results/zhang2016 original=photos --scores scores/"""
LOOPBACK = ('127.0.0.1', 'localhost', '[::1]')


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLE,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', nargs='?', help="config file, nightgen::method/config.py, or a shipped model's name")
    parser.add_argument('checkpoint', nargs='?', help='its checkpoint; one that would run code is refused')
    parser.add_argument('--model', nargs=2, action='append', default=[], metavar=('CONFIG', 'CHECKPOINT'),
                        help='one more model; may be given several times')
    parser.add_argument('--no-segmentor', action='store_true',
                        help='start with empty class maps, also where the config names a segmentor that predicts them')
    parser.add_argument('--images', metavar='DIR', help='folder of photos for the first tab')
    parser.add_argument('--study', nargs='+', default=[], metavar='METHOD=DIR',
                        help='third tab: a user study that compares folders of results')
    parser.add_argument('--scores', metavar='DIR', help='folder for the scores of the study')
    parser.add_argument('--seed', type=int, default=0, help='seed of the orders in the study; default: %(default)s')
    parser.add_argument('--device', help='cpu, cuda, cuda:1 ...; default: a GPU if there is one')
    parser.add_argument('--precision', choices=('fp32', 'bf16', 'fp16', 'exact'), default='fp32',
                        help='as in tools/translate.py; default %(default)s')
    parser.add_argument('--host', default='127.0.0.1', help='address to listen at; default %(default)s: this machine')
    parser.add_argument('--port', type=int, default=8008, help='0 takes a free one; default %(default)s')
    parser.add_argument('--allow-host', nargs='+', default=[], metavar='NAME',
                        help='further host names under which the page may be opened, if --host lets others in')
    parser.add_argument('--max-upload', type=int, default=64, metavar='MB', help='largest upload; default %(default)s')
    args = parser.parse_args(arguments)
    if (args.config is None) != (args.checkpoint is None):
        parser.error('a config goes with its checkpoint')
    if bool(args.study) != bool(args.scores):
        parser.error('--study METHOD=DIR ... goes with --scores DIR')
    if args.max_upload < 1:
        parser.error('--max-upload must be at least 1')
    return args


def study_of(args: argparse.Namespace):
    """The study of the arguments, or None.

    Raises:
        UsageError: An entry that is no METHOD=DIR, or a method that is named twice.
    """
    from nightgen.apis.user_study import UserStudy
    folders = {}
    for entry in args.study:
        method, _, folder = entry.partition('=')
        if not method or not folder or method in folders:
            raise UsageError(f'--study takes METHOD=DIR, each method once, got {entry}')
        folders[method] = folder
    return UserStudy(folders, args.scores, args.seed) if folders else None


def app_of(args: argparse.Namespace):
    """The application of the arguments.

    Raises:
        UsageError: Flask or waitress is missing.
        CheckpointError, OSError, ValueError: A model, folder or study that cannot be had.
    """
    try:
        import flask  # noqa: F401
        import waitress  # noqa: F401
    except ImportError as error:
        raise UsageError(f'the page needs {error.name}: python -m pip install -c requirements/constraints.txt -r '
                         'requirements/webapp.txt') from error
    from page_models import Models
    from page_server import make_app
    from page_uploads import ImageFolder

    from nightgen.utils.devices import chosen_device
    given = [(args.config, args.checkpoint)] if args.config else []
    models = Models(given + args.model, chosen_device(args.device), args.precision, not args.no_segmentor)
    host = f'[{args.host}]' if ':' in args.host else args.host
    return make_app(models, ImageFolder(args.images) if args.images else None, study_of(args),
                    {*LOOPBACK, host.lower(), *map(str.lower, args.allow_host)}, args.max_upload)


def main(arguments: list[str] | None = None) -> None:
    args = parse_args(arguments)
    app = app_of(args)
    import waitress
    try:
        server = waitress.create_server(app, host=args.host, port=args.port, threads=8, ident=None,
                                        max_request_body_size=(args.max_upload + 1) * 2 ** 20)
    except OSError as error:
        raise UsageError(f'cannot listen at {args.host}:{args.port}: {error.strerror}; choose another --port'
                         ) from error
    name = f'[{args.host}]' if ':' in args.host else args.host
    print(f'nightgen is at http://{name}:{server.effective_port}/ (stop it with Ctrl+C)', flush=True)
    if name not in LOOPBACK:
        print('note: others who reach this machine can open it too; there is no password', flush=True)
    try:
        server.run()
    except KeyboardInterrupt:
        server.close()


if __name__ == '__main__':
    run_tool(main, CheckpointError, MissingPackageError, OSError, ValueError)
