"""Devices that a user may name."""

import pytest
import torch

from nightgen.utils.cli import UsageError
from nightgen.utils.devices import chosen_device


def test_what_works_is_taken():
    assert chosen_device('cpu') == torch.device('cpu') == chosen_device(torch.device('cpu'))
    assert isinstance(chosen_device(), torch.device)


@pytest.mark.parametrize('name', ['gpu', 'cuda:99', 'cpu:x'])
def test_what_does_not_is_named_in_one_line(name):
    with pytest.raises(UsageError, match=f'^device {name} cannot be used here: ') as error:
        chosen_device(name)
    assert '\n' not in str(error.value)
