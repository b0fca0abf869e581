"""Timing of metrics on made pictures."""

import json

import pytest
import torch

from nightgen.evaluation.timing import made_samples, time_metric


def test_samples_have_what_metrics_ask_for_and_are_always_the_same():
    first, second = made_samples(3, 40, 52), made_samples(3, 40, 52)
    for one, other in zip(first, second, strict=True):
        for name in ('fake', 'source', 'truth'):
            assert one[name].shape == (3, 40, 52) and one[name].dtype == torch.uint8 and one[name].equal(other[name])
        assert one['label'].shape == (40, 52) and one['boxes']['bboxes'].shape == (12, 4)
        assert one['boxes']['bboxes'][:, 2].max() <= 52 and (one['source'][0] == one['source'][2]).all()


def test_a_metric_is_timed_and_gives_its_numbers():
    result = time_metric(dict(type='APCE'), made_samples(5, 40, 52), batch_size=2)
    assert result['metric'] == 'APCE' and result['pictures'] == 5 and 0 < result['numbers']['APCE'] < 1
    assert 0 < result['milliseconds'] < 1000 and result['finish_seconds'] >= 0


def test_benchmark_prints_the_metrics_of_a_config(load_tool, tmp_path, capsys):
    tool = load_tool('tools/analysis_tools/benchmark.py')
    (tmp_path / 'c.py').write_text("test_evaluator = [dict(type='PSNR'), dict(type='APCE')]\n")
    tool.main(['metrics', str(tmp_path / 'c.py'), '--shape', '40', '52', '--iters', '3', '--json'])
    result = json.loads(capsys.readouterr().out)
    assert [row['metric'] for row in result['rows']] == ['PSNR', 'APCE'] and result['shape'] == [40, 52]
    tool.main(['metrics', str(tmp_path / 'c.py'), '--shape', '40', '52', '--iters', '3', '--only', 'SSIM', 'PSNR'])
    out = capsys.readouterr().out
    assert 'SSIM' in out and 'PSNR' in out and 'APCE' not in out
    (tmp_path / 'none.py').write_text('a = 1\n')
    with pytest.raises(ValueError, match='no test_evaluator'):
        tool.main(['metrics', str(tmp_path / 'none.py')])
