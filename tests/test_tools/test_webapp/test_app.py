"""The command of the page: it starts, and what it cannot do is told in one line."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import torch

from nightgen.testing import write_pictures
from nightgen.utils.cli import UsageError


@pytest.fixture
def tool(load_tool: Callable[[str], ModuleType]) -> ModuleType:
    return load_tool('tools/webapp/app.py')


def test_it_serves_this_machine_and_ends_when_told(tool_env: dict[str, str], repo_root: Path, tmp_path: Path,
                                                   semantic_model: tuple[str, str]):
    """The process as a person starts it, without any outside connection: its sockets are looked at."""
    write_pictures(tmp_path / 'images', 2, (48, 64))
    command = [sys.executable, str(repo_root / 'tools/webapp/app.py'), *semantic_model, '--images', 'images',
               '--port', '0', '--max-upload', '1']
    # what a shell starts in the background ignores SIGINT, and its children do
    heeding = dict(preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    with subprocess.Popen(command, cwd=tmp_path, env=tool_env, stdout=subprocess.PIPE, text=True, **heeding) as process:
        try:
            address = process.stdout.readline().split()[3]
            port = int(address.rsplit(':', 1)[1].strip('/'))
            assert address == f'http://127.0.0.1:{port}/'
            with socket.socket() as other:  # another address of this machine
                assert other.connect_ex(('127.0.0.2', port)) != 0
            connection = http.client.HTTPConnection('127.0.0.1', port, timeout=30)
            connection.request('POST', '/api/session', '{}', {'Content-Type': 'application/json'})
            said = json.loads(connection.getresponse().read())
            assert said['images'] == 2 and len(said['editor']['classes']) == 60 and said['most_megabytes'] == 1
            connection.putrequest('POST', '/api/editor/upload')  # it is refused before anything of it is read
            connection.putheader('X-Nightgen-Session', said['token'])
            connection.putheader('Content-Length', str(3 * 2 ** 20))
            connection.endheaders()
            assert connection.getresponse().status == 413
            if Path('/proc').is_dir():
                assert outside_connections(process.pid) == []
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0


def outside_connections(pid: int) -> list[str]:
    """Peers beyond this machine that a process's TCP sockets are connected to (Linux)."""
    own = {os.readlink(entry) for entry in Path(f'/proc/{pid}/fd').iterdir() if entry.is_symlink()}
    peers = []
    for line in Path(f'/proc/{pid}/net/tcp').read_text().splitlines()[1:]:
        fields = line.split()
        if f'socket:[{fields[9]}]' in own and fields[2] != '00000000:0000' and not fields[2].startswith('0100007F'):
            peers.append(fields[2])
    return peers


@pytest.mark.parametrize(('arguments', 'words'), [
    (['config.py'], 'a config goes with its checkpoint'),
    (['--study', 'a=b'], 'goes with --scores'),
    (['--max-upload', '0'], 'at least 1')])
def test_arguments_that_do_not_go_together(tool: ModuleType, arguments: list[str], words: str,
                                           capsys: pytest.CaptureFixture):
    with pytest.raises(SystemExit):
        tool.parse_args(arguments)
    assert words in capsys.readouterr().err


def test_what_cannot_be_had_is_named(tool: ModuleType, tmp_path: Path, semantic_model: tuple[str, str]):
    def app(*arguments: str):
        return tool.app_of(tool.parse_args(list(arguments)))

    with pytest.raises(FileNotFoundError, match='nowhere does not exist'):
        app('--images', str(tmp_path / 'nowhere'))
    with pytest.raises(FileNotFoundError, match='no image in'):
        app('--images', str(tmp_path))
    with pytest.raises(FileNotFoundError, match='missing.pth'):
        app(semantic_model[0], str(tmp_path / 'missing.pth'))
    with_segmentor = tmp_path / 'with_segmentor.py'
    with_segmentor.write_text(Path(semantic_model[0]).read_text().replace(
        'num_classes=60)', "num_classes=60), segmentor=dict(type='SegmentationExpert', checkpoint='lost.pth', "
        "config='nightgen::experts/nightscape_segmentor.py')"))
    with pytest.raises(FileNotFoundError, match='the segmentor of this config: .*lost.pth.* --no-segmentor starts'):
        app(str(with_segmentor), semantic_model[1])
    app(str(with_segmentor), semantic_model[1], '--no-segmentor')
    with pytest.raises(UsageError, match='METHOD=DIR, each method once'):
        app('--study', 'a=b', 'a=c', '--scores', 's')


def test_a_checkpoint_that_carries_code_is_refused(tool: ModuleType, tmp_path: Path, semantic_model: tuple[str, str]):
    from nightgen.checkpoint import UntrustedCheckpointError
    torch.save(dict(state_dict={}, meta=subprocess.Popen), tmp_path / 'code.pth')
    with pytest.raises(UntrustedCheckpointError):
        tool.app_of(tool.parse_args([semantic_model[0], str(tmp_path / 'code.pth')]))
    assert '--trust-checkpoint' not in Path(tool.__file__).read_text()


def test_a_port_that_is_taken_is_said(tool: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tool, 'app_of', lambda args: lambda environ, start: [])
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        with pytest.raises(UsageError, match='choose another --port'):
            tool.main(['--port', str(taken.getsockname()[1])])


def test_without_flask_the_command_that_installs_it_is_said(tool: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, 'flask', None)
    with pytest.raises(UsageError, match=r'needs flask: .* -r requirements/webapp.txt'):
        tool.app_of(tool.parse_args([]))


def test_further_names_are_allowed(tool: ModuleType, monkeypatch: pytest.MonkeyPatch):
    app = tool.app_of(tool.parse_args(['--host', '192.0.2.7', '--allow-host', 'Studio.example']))
    client = app.test_client()
    for host, status in (('192.0.2.7:8008', 200), ('studio.example:8008', 200), ('other.example:8008', 403)):
        assert client.get('/', headers={'Host': host}).status_code == status
