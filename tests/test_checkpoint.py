"""nightgen.checkpoint: what may be loaded, and what is said about the rest."""

import builtins
import contextlib
import errno
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer
from mmengine.runner.checkpoint import CheckpointLoader, _load_checkpoint
from torch import nn

from nightgen import checkpoint as files


class Runs:
    """Unpickling it would create a file."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self):
        return builtins.open, (str(self.path), 'w')


@pytest.fixture(autouse=True)
def loaders():
    """mmengine's table of loaders and the trusted files as they were."""
    schemes = dict(CheckpointLoader._schemes)
    yield
    CheckpointLoader._schemes = schemes
    files._trusted_files.clear()


@pytest.mark.parametrize('zipped', [True, False])
def test_code_is_refused_and_not_run(tmp_path: Path, zipped: bool):
    evil, trace = tmp_path / 'evil.pth', tmp_path / 'was_run'
    torch.save(dict(state_dict={}, extra=Runs(trace)), evil, _use_new_zipfile_serialization=zipped)
    with pytest.raises(files.UntrustedCheckpointError, match='carries code.*open.*trusted=True.*--trust-checkpoint'):
        files.load_checkpoint(evil)
    assert not trace.exists()
    assert files.load_checkpoint(evil, trusted=True)['state_dict'] == {}
    assert trace.exists()


def test_mmengines_own_checkpoint_is_refused_by_name(tmp_path: Path):
    path = tmp_path / 'stock.pth'
    torch.save(dict(message_hub=dict(log_scalars=dict(loss=HistoryBuffer([1.0], [1])))), path)
    with pytest.raises(files.UntrustedCheckpointError, match='HistoryBuffer'):
        files.load_checkpoint(path)
    files.trust_checkpoint(path)
    assert files.load_checkpoint(path)['message_hub']['log_scalars']['loss'].current() == 1.0


def test_numpy_data_is_no_code(tmp_path: Path):
    path = tmp_path / 'numpy.pth'
    torch.save(dict(score=np.float32(2.5), palette=np.arange(6, dtype=np.uint8).reshape(2, 3), n=np.int64(3)), path)
    loaded = files.load_checkpoint(path)
    assert loaded['score'] == 2.5 and loaded['n'] == 3
    np.testing.assert_array_equal(loaded['palette'], np.arange(6).reshape(2, 3))


def test_numpy_1_spelling_is_understood(tmp_path: Path):
    path, renamed = tmp_path / 'new.pth', tmp_path / 'old.pth'
    torch.save(dict(score=np.float64(2.5)), path)
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(renamed, 'w') as target:
        for item in source.infolist():
            data = source.read(item)
            is_pickle = item.filename.endswith('.pkl')
            target.writestr(item, data.replace(b'numpy._core.', b'numpy.core.') if is_pickle else data)
    assert files.load_checkpoint(renamed)['score'] == 2.5


def test_missing_empty_truncated_and_foreign_files(tmp_path: Path):
    whole = tmp_path / 'whole.pth'
    torch.save(dict(weight=torch.ones(1000)), whole)
    data = whole.read_bytes()
    (tmp_path / 'half.pth').write_bytes(data[:len(data) // 2])
    (tmp_path / 'empty.pth').touch()
    (tmp_path / 'text.pth').write_text('hello, this is no checkpoint')
    torch.save([1, 2], tmp_path / 'list.pth')
    with pytest.raises(FileNotFoundError, match='none.pth does not exist'):
        files.load_checkpoint(tmp_path / 'none.pth')
    with pytest.raises(FileNotFoundError, match='is a folder'):
        files.load_checkpoint(tmp_path)
    for name, message in (('half', 'truncated or corrupt'), ('empty', 'is empty'), ('text', 'no checkpoint'),
                          ('list', 'holds a list')):
        with pytest.raises(files.CheckpointError, match=message) as caught:
            files.load_checkpoint(tmp_path / f'{name}.pth')
        assert f'{name}.pth' in str(caught.value)
        assert not isinstance(caught.value, files.UntrustedCheckpointError)


def test_verify_names_what_would_not_load_again(tmp_path: Path):
    torch.save(dict(a=torch.ones(3)), tmp_path / 'good.pth')
    files.verify_checkpoint(tmp_path / 'good.pth')
    torch.save(dict(a=HistoryBuffer([1.0], [1])), tmp_path / 'bad.pth')
    with pytest.raises(files.CheckpointError, match='HistoryBuffer'):
        files.verify_checkpoint(tmp_path / 'bad.pth')
    data = (tmp_path / 'good.pth').read_bytes()
    (tmp_path / 'cut.pth').write_bytes(data[:-40])
    with pytest.raises(files.CheckpointError, match='cannot be read back'):
        files.verify_checkpoint(tmp_path / 'cut.pth')


def test_mmengines_loader_goes_through_ours(tmp_path: Path):
    files.use_safe_loading()
    evil = tmp_path / 'evil.pth'
    torch.save(dict(extra=Runs(tmp_path / 'was_run')), evil)
    with pytest.raises(files.UntrustedCheckpointError):
        _load_checkpoint(str(evil), map_location='cpu')
    assert not (tmp_path / 'was_run').exists()
    torch.save(dict(state_dict=dict(a=torch.ones(2))), tmp_path / 'good.pth')
    assert _load_checkpoint(str(tmp_path / 'good.pth'))['state_dict']['a'].sum() == 2


def test_downloads_are_loaded_the_same_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    files.use_safe_loading()
    source = tmp_path / 'source.pth'
    torch.save(dict(extra=Runs(tmp_path / 'was_run')), source)
    fetched = []

    def download(url: str, target: str, progress: bool) -> None:
        fetched.append(url)
        Path(target).write_bytes(source.read_bytes())

    monkeypatch.setattr(files, 'download_url_to_file', download)
    monkeypatch.setattr(files, 'get_dir', lambda: str(tmp_path / 'hub'))
    with pytest.raises(files.UntrustedCheckpointError):
        _load_checkpoint('https://example.com/some/model.pth?x=1')
    assert not (tmp_path / 'was_run').exists()
    torch.save(dict(state_dict={}), source)
    (tmp_path / 'hub/checkpoints/model.pth').unlink()
    assert _load_checkpoint('https://example.com/some/model.pth') == dict(state_dict={})
    _load_checkpoint('https://example.com/some/model.pth')
    assert len(fetched) == 2  # once for each content: the third call found the file
    with pytest.raises(files.CheckpointError, match='no model of this name'):
        _load_checkpoint('open-mmlab://there/is/no/such')


def test_load_weights_takes_all_or_nothing():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    before = {key: value.clone() for key, value in model.state_dict().items()}
    other = nn.Sequential(nn.Linear(2, 3), nn.Linear(4, 1), nn.Linear(1, 1)).state_dict()
    del other['0.bias']
    with pytest.raises(files.CheckpointMismatchError) as caught:
        files.load_weights(model, dict(state_dict=other, meta=dict(experiment_name='other_run')))
    message = str(caught.value)
    assert '1 missing: 0.bias' in message and '2 unexpected: 2.weight, 2.bias' in message
    assert '1.weight (1, 4) instead of (1, 3)' in message and 'other_run' in message
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    good = {f'module.{key}': value + 1 for key, value in before.items()}
    files.load_weights(model, dict(state_dict=good))
    assert all(torch.equal(value, before[key] + 1) for key, value in model.state_dict().items())


def test_a_long_list_of_keys_is_cut():
    with pytest.raises(files.CheckpointMismatchError, match=r'20 missing: .*\.\.\.'):
        files.load_weights(nn.ModuleList([nn.Linear(1, 1) for _ in range(10)]), {})


def test_averages_replace_live_weights():
    model = nn.ModuleDict(dict(generators=nn.Linear(1, 1), judge=nn.Linear(1, 1)))
    live = {key: torch.full_like(value, 1.0) for key, value in model.state_dict().items()}
    averaged = {key: torch.full_like(value, 2.0) for key, value in model['generators'].state_dict().items()}
    checkpoint = dict(state_dict=live, ema=dict(generators=averaged))
    files.load_weights(model, checkpoint)
    assert model['generators'].weight.item() == 2 and model['judge'].weight.item() == 1
    files.load_weights(model, checkpoint, use_ema=False)
    assert model['generators'].weight.item() == 1


def test_no_pickle_error_escapes(tmp_path: Path):
    (tmp_path / 'raw.pth').write_bytes(pickle.dumps({'a': 1}))
    with pytest.raises(files.CheckpointError):
        files.load_checkpoint(tmp_path / 'raw.pth')


def test_a_checkpoint_is_written_whole_or_not_at_all(tmp_path: Path):
    path = tmp_path / 'folder' / 'model.pth'
    files.save_checkpoint(dict(state_dict=dict(a=torch.ones(2))), path)
    assert files.load_checkpoint(path)['state_dict']['a'].sum() == 2
    with pytest.raises(files.CheckpointError, match='would not load again'):
        files.save_checkpoint(dict(extra=Runs(tmp_path / 'was_run')), path)
    assert files.load_checkpoint(path)['state_dict']['a'].sum() == 2
    assert [entry.name for entry in path.parent.iterdir()] == ['model.pth']


@pytest.mark.parametrize('reader', [{}, dict(trusted=True)])
def test_changed_bytes_of_a_tensor_are_found(tmp_path: Path, reader: dict):
    path = tmp_path / 'rotten.pth'
    weights = torch.arange(4096, dtype=torch.float32)
    torch.save(dict(state_dict=dict(a=torch.zeros(8), b=weights)), path)
    content = bytearray(path.read_bytes())
    start = content.index(weights.numpy().tobytes())
    content[start + 512:start + 520] = b'\xff' * 8
    path.write_bytes(content)
    assert torch.load(path, weights_only=True)['state_dict']['b'].isnan().any()  # torch takes them as they are
    with pytest.raises(files.CheckpointError, match=r'rotten.pth is corrupt: rotten/data/1 .*checksum.*earlier'):
        files.load_checkpoint(path, **reader)


def test_a_file_without_checksums_loads(tmp_path: Path):
    torch.serialization.set_crc32_options(False)
    try:
        torch.save(dict(a=torch.ones(3)), tmp_path / 'plain.pth')
    finally:
        torch.serialization.set_crc32_options(True)
    with zipfile.ZipFile(tmp_path / 'plain.pth') as archive:
        assert archive.testzip()
    assert files.load_checkpoint(tmp_path / 'plain.pth')['a'].sum() == 3


@pytest.mark.parametrize('protocol', [0, 2, 4])
def test_a_plain_pickle_with_code_is_refused_as_such(tmp_path: Path, protocol: int):
    path, trace = tmp_path / 'evil.pkl', tmp_path / 'was_run'
    path.write_bytes(pickle.dumps(dict(extra=Runs(trace)), protocol=protocol))
    with pytest.warns(UserWarning) if protocol == 4 else contextlib.nullcontext():
        with pytest.raises(files.UntrustedCheckpointError, match='carries code: its pickle names .*open'):
            files.load_checkpoint(path)
    assert not trace.exists()


@pytest.mark.skipif(not Path('/dev/full').exists(), reason='no /dev/full on this system')
def test_a_full_disk(tmp_path: Path):
    files.save_checkpoint(dict(a=1), tmp_path / 'x.pth')
    (tmp_path / f'.x.pth.{os.getpid()}.partial').symlink_to('/dev/full')
    with pytest.raises(OSError, match='cannot write checkpoint .*x.pth: the disk is full') as caught:
        files.save_checkpoint(dict(a=torch.zeros(10 ** 5)), tmp_path / 'x.pth')
    assert caught.value.errno == errno.ENOSPC
    assert files.load_checkpoint(tmp_path / 'x.pth') == dict(a=1) and len(list(tmp_path.iterdir())) == 1
