"""Finding configs and checkpoints of experts, and loading weights whole."""

import http.server
import threading

import pytest
import torch
from mmengine.config import Config
from torch import nn

from nightgen.checkpoint import CheckpointError, CheckpointMismatchError, fetch_checkpoint
from nightgen.models.experts.building import (
    find_classes,
    load_all_weights,
    package_of,
    read_config,
    sha256_of,
    shipped_file,
    strip_pretrained,
)


@pytest.fixture
def server(tmp_path):
    """A folder that is served on this machine: (folder, address, requests so far)."""
    requests = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(tmp_path / 'served'))

        def log_message(self, *args):
            requests.append(self.path)

    (tmp_path / 'served').mkdir()
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield tmp_path / 'served', f'http://127.0.0.1:{serving.server_address[1]}', requests
        serving.shutdown()


def test_a_url_is_downloaded_once(server, tmp_path, monkeypatch):
    monkeypatch.setenv('TORCH_HOME', str(tmp_path / 'cache'))
    monkeypatch.setenv('no_proxy', '127.0.0.1')
    folder, address, requests = server
    torch.save(dict(state_dict={}), folder / 'model.pth')
    first, second = (fetch_checkpoint(f'{address}/model.pth') for _ in range(2))
    assert first == second and sha256_of(first) == sha256_of(folder / 'model.pth') and len(requests) == 1
    with pytest.raises(CheckpointError, match='could not be downloaded.*put it at'):
        fetch_checkpoint(f'{address}/gone.pth')


def test_shipped_files_are_found_beside_the_package(repo_root):
    assert shipped_file('nightgen::experts/nightscape_segmentor.py').samefile(
        repo_root / 'configs/experts/nightscape_segmentor.py')
    assert shipped_file('configs/experts/nightscape_segmentor.py') is None
    with pytest.raises(FileNotFoundError, match='nightgen ships no experts/none.pth'):
        shipped_file('nightgen::experts/none.pth')


def test_the_users_config_is_not_touched():
    given = dict(type='mmseg.EncoderDecoder', pretrained='a', backbone=dict(init_cfg=dict(checkpoint='b')),
                 heads=[dict(pretrained='c'), dict(neck=dict(init_cfg=[dict(type='Normal')]))])
    read = read_config(given, {'model.backbone.depth': 18})
    assert read.model.backbone.depth == 18 and 'depth' not in given['backbone']
    stripped = strip_pretrained(read.model)
    assert stripped.pretrained is None and stripped.backbone.init_cfg is None
    assert stripped.heads[0].pretrained is None and stripped.heads[1].neck.init_cfg is None
    assert given['pretrained'] == 'a' and package_of(read) == 'mmseg'
    assert package_of(Config(dict(model=dict(type='X', _scope_='own')))) == 'own'


def test_classes_are_those_of_the_checkpoint_then_of_the_config():
    config = Config(dict(test_dataloader=dict(dataset=dict(type='RepeatDataset', dataset=dict(
        metainfo=dict(classes=('road', 'car')))))))
    assert find_classes(dict(meta=dict(CLASSES=['a'])), config) == ('a',)
    assert find_classes(dict(meta=dict(dataset_meta=dict(classes='a'))), config) == ('a',)
    assert find_classes({}, config) == ('road', 'car')
    assert find_classes({}, Config({})) is None


def test_modules_may_rename_the_keys_of_old_checkpoints():
    class Renamed(nn.Module):
        def __init__(self):
            super().__init__()
            self.new = nn.Linear(2, 2)

        def _load_from_state_dict(self, state_dict, prefix, *args):
            for key in [key for key in state_dict if key.startswith(f'{prefix}old.')]:
                state_dict[key.replace('old.', 'new.')] = state_dict.pop(key)
            super()._load_from_state_dict(state_dict, prefix, *args)

    network = Renamed()
    weight = torch.ones(2, 2)
    load_all_weights(network, dict(state_dict={'module.old.weight': weight, 'module.old.bias': weight[0]}), 'x')
    assert torch.equal(network.new.weight, weight)
    with pytest.raises(CheckpointMismatchError, match='x is not of the expert.*1 missing: new.bias'):
        load_all_weights(network, {'old.weight': weight}, 'x')
