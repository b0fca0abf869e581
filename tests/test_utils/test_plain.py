"""nightgen.utils.plain: what a checkpoint may hold."""

import enum
import io
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.logging import HistoryBuffer

from nightgen.utils.plain import NotPlainError, restore_history, to_plain


class Colour(str, enum.Enum):
    RED = 'red'


def round_trip(value):
    buffer = io.BytesIO()
    torch.save(value, buffer)
    buffer.seek(0)
    return torch.load(buffer, weights_only=True)


def test_everything_common_becomes_plain_and_loads():
    point = namedtuple('point', 'x y')
    value = dict(
        config=ConfigDict(a=ConfigDict(b=1)), score=np.float64(1.5), count=np.int32(3), flag=np.bool_(True),
        array=np.arange(4, dtype=np.float32).reshape(2, 2), queue=deque([1, 2], 5), point=point(1, 2),
        size=torch.Size([2, 3]), ordered=OrderedDict(z=1, a=2), counter=Counter('aab'),
        grouped=defaultdict(list, k=[1]),
        names={'x', 'y'}, path=Path('a/b'), colour=Colour.RED, nothing=None, pair=(1, 'two'), raw=b'12',
        dtype=torch.float16, parameter=torch.nn.Parameter(torch.ones(2)))
    plain = round_trip(to_plain(value))
    assert plain['config'] == {'a': {'b': 1}} and type(plain['config']) is dict
    assert plain['score'] == 1.5 and type(plain['score']) is float
    assert plain['count'] == 3 and type(plain['count']) is int and plain['flag'] is True
    assert plain['array'] == [[0.0, 1.0], [2.0, 3.0]] and plain['queue'] == [1, 2]
    assert plain['point'] == (1, 2) and type(plain['point']) is tuple and type(plain['size']) is tuple
    assert list(plain['ordered']) == ['z', 'a'] and plain['grouped'] == {'k': [1]}
    assert plain['counter'] == {'a': 2, 'b': 1}
    assert plain['names'] == {'x', 'y'} and plain['path'] == 'a/b' and plain['colour'] == 'red'
    assert plain['raw'] == b'12' and plain['dtype'] is torch.float16 and type(plain['parameter']) is torch.Tensor


def test_history_buffers_come_back_whole():
    buffer = HistoryBuffer([1.0, 2.0, 4.0], [1, 1, 2], max_length=5)
    restored = restore_history(round_trip(to_plain(dict(loss=buffer, other=3))))
    assert restored['other'] == 3 and restored['loss'].max_length == 5
    for got, expected in zip(restored['loss'].data, buffer.data, strict=True):
        np.testing.assert_array_equal(got, expected)
    restored['loss'].update(8.0)
    assert restored['loss'].mean(2) == 4.0  # (4 + 8) / (2 + 1)


def test_module_versions_of_a_state_dict_stay():
    state = torch.nn.BatchNorm2d(2).state_dict()
    plain = to_plain(state)
    assert plain._metadata == dict(state._metadata) and list(plain) == list(state)


def test_a_view_does_not_bring_its_batch_along():
    batch = torch.zeros(1000, 10)
    assert to_plain(batch[3]).untyped_storage().nbytes() == 40
    whole = torch.ones(5)
    assert to_plain(whole).data_ptr() == whole.data_ptr()


@pytest.mark.parametrize('value,key', [
    (dict(a=dict(b=[1, object()])), r'top\.a\.b\[1\]'), (dict(f=len), r'top\.f'), ({object(): 1}, 'top'),
    (dict(m=torch.nn.Linear(1, 1)), r'top\.m is a torch.nn')])
def test_what_cannot_be_plain_is_named(value, key):
    with pytest.raises(NotPlainError, match=key):
        to_plain(value, 'top')
