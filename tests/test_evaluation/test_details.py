"""What metrics say beside their numbers, for a JSON file."""

import json
import math
from types import SimpleNamespace

from nightgen.evaluation import metric_details, plain_numbers
from nightgen.evaluation.details import network_line


class Judge(SimpleNamespace):
    pass


def test_details_by_type_with_a_number_for_the_second():
    metrics = [Judge(details=dict(curve=[1.0, math.nan])), SimpleNamespace(), Judge(details={}),
               Judge(details=dict(a=2))]
    details = metric_details(metrics)
    assert details == dict(Judge=dict(curve=[1.0, 'nan']), Judge_2=dict(a=2))
    assert json.loads(json.dumps(details, allow_nan=False)) == details


def test_a_network_is_said_beside_its_numbers():
    assert network_line(dict(KD_toy=0.25, KD_toy_std=0.01), dict(name='toy', sha256='ab'), '3 images') == \
        'KD_toy 0.2500, KD_toy_std 0.0100 (network name toy, sha256 ab; 3 images)'


def test_numbers_that_json_lacks_become_strings():
    assert plain_numbers({1: (math.inf, -math.inf, 2), 'x': [True, None, 'text']}) == \
        {'1': ['inf', '-inf', 2], 'x': [True, None, 'text']}
