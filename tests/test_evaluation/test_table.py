"""The printed table."""

from nightgen.evaluation import metric_table


def test_rows_columns_and_gaps():
    table = metric_table({'gamma/PSNR': 14.5678, 'gamma/SSIM': 0.5, 'night_input/PSNR': 8.0, 'PSNR': 15.1, 'FID': 3},
                         'N2D-LPNet')
    assert table.splitlines() == [
        '                 PSNR       FID      SSIM',
        'gamma          14.568         -     0.500',
        'night input     8.000         -         -',
        'N2D-LPNet      15.100         3         -']


def test_model_alone_and_nothing():
    assert metric_table({'PSNR': 1.0}).splitlines()[1].split() == ['model', '1.000']
    assert metric_table({}) == ''


def test_the_heading_stands_over_the_names():
    table = metric_table({'gamma/PSNR': 14.5678, 'PSNR': 15.1}, 'mine', 'Nightscape 2.0')
    assert table.splitlines() == ['Nightscape 2.0      PSNR', 'gamma             14.568', 'mine              15.100']
