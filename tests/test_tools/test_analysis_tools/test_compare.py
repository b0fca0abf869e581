"""tools/analysis_tools/compare.py: what is on the page."""

import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from nightgen.testing import write_pictures
from nightgen.utils.cli import UsageError


@pytest.fixture
def tool(load_tool) -> ModuleType:
    return load_tool('tools/analysis_tools/compare.py')


def run(tool: ModuleType, monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, 'argv', ['compare.py', *map(str, arguments)])
    tool.main()


class Cells(HTMLParser):
    """Rows of the first table."""

    def __init__(self, text: str):
        super().__init__()
        self.rows, self.open = [], False
        self.feed(text[:text.index('</table>')])

    def handle_starttag(self, tag, attributes):
        self.open = tag in ('td', 'th')
        if tag == 'tr':
            self.rows.append([])

    def handle_data(self, data):
        if self.open:
            self.rows[-1].append(data)
            self.open = False


@pytest.fixture
def results(tmp_path: Path) -> dict[str, Path]:
    """A file of evaluate_folder.py, a folder of test.py, a folder of pictures."""
    write_pictures(tmp_path / 'other', names=['a.png', 'b.png', 'c.png'], seed=1)
    curve = [None if j > 90 else 1 - j / 100 for j in range(1, 100)]
    histogram = {channel: np.linspace(0, 5, 219).tolist() for channel in 'ab'}
    details = dict(APCE=dict(curve=curve), ChromaHistogram=dict(fake=histogram, real=histogram),
                   FrechetInceptionDistance=dict(
                       network=dict(name='toy', sha256='ab12', resize='none'), fake=3, real=9))
    (tmp_path / 'other.json').write_text(json.dumps(dict(
        name='other', folder=str(tmp_path / 'other'), pictures=3, command='python evaluate_folder.py', details=details,
        metrics={'PSNR': 12.345, 'APCE': 0.5, 'FD_toy': 'nan', 'stretched/PSNR': 11.0})))
    write_pictures(tmp_path / 'test/images', names=['a.png', 'b.png'], seed=2)
    (tmp_path / 'test/metrics.json').write_text(json.dumps(dict(
        config='c.py', checkpoint='iter_2.pth', sha256='0123456789abcdef', iteration=2, weights='averaged', images=2,
        skipped=[], details=dict(APCE=dict(curve=curve)),
        metrics=dict(night_input=dict(PSNR=8.0), N2DLPNet=dict(PSNR=15.25, SSIM=0.61)))))
    write_pictures(tmp_path / 'plain', names=['b.jpg', 'c.jpg'], seed=3)
    write_pictures(tmp_path / 'night', names=['a.png', 'b.png', 'd.png'], seed=4)
    return {name: tmp_path / name for name in ('other.json', 'test', 'plain', 'night')}


def test_the_page_has_all_of_it(tool, results, tmp_path, monkeypatch):
    run(tool, monkeypatch, results['other.json'], results['test'], '--names', 'other', 'ours <b>', '--source',
        results['night'], '--out', tmp_path / 'out/page.html')
    text = (tmp_path / 'out/page.html').read_text()
    assert Cells(text).rows == [['row', 'PSNR', 'APCE', 'FD_toy', 'SSIM'], ['other', '12.35', '0.5000', 'nan', '–'],
                                ['stretched', '11.00', '–', '–', '–'], ['night input', '8.00', '–', '–', '–'],
                                ['ours <b>', '15.25', '–', '–', '0.6100']]
    assert text.count('<img ') == 6  # a and b: source, other, ours
    assert 'ours &lt;b&gt;' in text and '<b>"' not in text
    assert text.count('<svg') == 3 and 'Histogram of a' in text
    points = re.findall(r'<polyline points="([^"]*)"', text)
    assert [len(line.split()) for line in points] == [90, 90, 219, 219, 219, 219]
    assert 'name toy, sha256 ab12, resize none; 3 outputs, 9 real' in text and 'SHA-256 0123456789ab' in text
    assert 'http' not in text.replace('http://www.w3.org', '')  # nothing is fetched


def test_folders_of_pictures_only(tool, results, tmp_path, monkeypatch):
    run(tool, monkeypatch, results['plain'], tmp_path / 'other', '--out', tmp_path / 'page.html', '--pictures', 1)
    text = (tmp_path / 'page.html').read_text()
    assert text.count('<img ') == 2 and '<svg' not in text and 'Numbers' not in text


def test_rows_above_models_are_shown_once_where_they_agree(tool):
    runs = [tool.Run('a', dict(gamma=dict(PSNR=1.0), a=dict(PSNR=2.0))),
            tool.Run('b', dict(gamma=dict(PSNR=1.0), b=dict(PSNR=3.0))),
            tool.Run('c', dict(gamma=dict(PSNR=1.5), c=dict(PSNR=4.0)))]
    assert list(tool.number_rows(runs)) == ['gamma', 'a', 'b', 'gamma (c)', 'c']


def test_what_cannot_be_compared(tool, results, tmp_path, monkeypatch):
    out = ['--out', tmp_path / 'page.html']
    (tmp_path / 'bad.json').write_text('{}')
    (tmp_path / 'torn.json').write_text('{')
    for arguments, match in (
            ([results['plain'], results['plain']], 'share a name'), ([results['plain'], '--names', 'a', 'b'], '1 runs'),
            ([tmp_path / 'none'], 'does not exist'), ([tmp_path / 'bad.json'], 'not written by'),
            ([tmp_path / 'torn.json'], 'no JSON file'),
            ([results['plain'], '--source', results['night'], '--truth', tmp_path / 'test/images'], None)):
        if match is None:
            run(tool, monkeypatch, *arguments, *out)
            assert (tmp_path / 'page.html').read_text().count('<img ') == 3
        else:
            with pytest.raises(UsageError, match=match):
                run(tool, monkeypatch, *arguments, *out)
    write_pictures(tmp_path / 'apart', names=['z.png'])
    with pytest.raises(UsageError, match='no image is in all of plain, apart'):
        run(tool, monkeypatch, results['plain'], tmp_path / 'apart', *out)


def seed_folder(root: Path, name: str, error: float, colours: float, network: str = 'ab12') -> Path:
    """What tools/test.py leaves of one seed, with one baseline row that no seed changes."""
    folder = root / name / 'test'
    curves = dict(fake={channel: [colours] * 218 + [None] for channel in 'ab'},
                  real={channel: [2.0] * 219 for channel in 'ab'})
    folder.mkdir(parents=True)
    (folder / 'metrics.json').write_text(json.dumps(dict(
        config='c.py', checkpoint='c.pth', sha256='0' * 64, iteration=8, weights='live', images=4, skipped=[],
        details=dict(ChromaHistogram=curves, PerceptualDistance=dict(network=dict(name='vgg19', sha256=network))),
        metrics=dict(grey_input=dict(ChromaError=9.5), UNet=dict(
            ChromaError=error, PSNR_ab=30.0, ChromaIntersection_a=0.25, ChromaIntersection_b=0.5 + error / 100)))))
    return folder


def test_seeds_are_one_row_of_mean_and_deviation(tool, tmp_path, monkeypatch, capsys):
    folders = [seed_folder(tmp_path, f'{name}_{seed}', base + seed, base + seed)
               for name, base in (('bn', 10.0), ('ibn_sn', 20.0)) for seed in range(3)]
    run(tool, monkeypatch, *folders, '--seeds', '--columns', 'ChromaError', 'PSNR_ab', '--out', tmp_path / 'page.html')
    text = (tmp_path / 'page.html').read_text()
    assert Cells(text).rows == [['row', 'ChromaError', 'PSNR_ab'], ['grey input', '9.50', '–'],
                                ['bn', '11.00 ± 1.00', '30.00'], ['ibn_sn', '21.00 ± 1.00', '30.00']]
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert printed[:3] == [['ChromaError', 'PSNR_ab'], ['grey', 'input', '9.500', '-'],
                           ['bn', '11.00', '±', '1.00', '30.000']]
    # the curve of a method is the mean of its seeds', named with the area that it shares with the real one
    assert 'bn, shares 0.250' in text and 'ibn_sn, shares 0.7100 ± 0.0100' in text
    lengths = [len(line.split()) for line in re.findall(r'<polyline points="([^"]*)"', text)]
    assert lengths == [218, 218, 219] * 2
    assert tool.mean_curve([[1.0, None, 3.0], [2.0, 5.0, 5.0]]) == [1.5, None, 4.0]


@pytest.mark.parametrize(('paths', 'names'), [
    (['w/cut/test_iter_100', 'w/cut/test_iter_200'], ['cut (test_iter_100)', 'cut (test_iter_200)']),
    (['w/flir/cut/test', 'w/kaist/cut/test'], ['cut (flir)', 'cut (kaist)']),
    (['w/flir/cut/test', 'w/kaist/cut/test', 'w/flir/n2d/test'], ['cut (flir)', 'cut (kaist)', 'n2d']),
    (['w/a/7/cut/test', 'w/a/cut/test'], ['cut (7)', 'cut'])])
def test_runs_of_one_name_are_told_apart_by_their_paths(tool, tmp_path, monkeypatch, paths, names):
    folders = []
    for number, path in enumerate(paths):
        (tmp_path / path).mkdir(parents=True)
        (tmp_path / path / 'metrics.json').write_text(json.dumps(dict(
            config='c.py', checkpoint='c.pth', sha256='0', iteration=8, weights='live', images=4, skipped=[],
            details={}, metrics=dict(UNet=dict(PSNR=float(number))))))
        folders.append(tmp_path / path)
    run(tool, monkeypatch, *folders, '--out', tmp_path / 'page.html')
    assert Cells((tmp_path / 'page.html').read_text()).rows[1:] == [
        [name, f'{number:.2f}' if number else '0.0000'] for number, name in enumerate(names)]


def test_what_is_not_seeds_of_one_row(tool, tmp_path, monkeypatch):
    folders = [seed_folder(tmp_path, 'bn_0', 1.0, 1.0), seed_folder(tmp_path, 'bn_1', 1.0, 1.0, network='cd34')]
    out = ['--out', tmp_path / 'page.html']
    with pytest.raises(UsageError, match='the runs of bn were judged by different networks'):
        run(tool, monkeypatch, *folders, '--seeds', *out)
    with pytest.raises(UsageError, match=r"no run has the numbers \['FID'\]; there are \['ChromaError'"):
        run(tool, monkeypatch, *folders, '--columns', 'FID', *out)
    assert tool.spread([0.5, 0.7]) == '0.6000 ± 0.1414' and tool.spread([2, 2]) == 2
    assert tool.spread([1.0, 'inf']) == '1.0, inf'


def test_only_its_own_pages_are_overwritten(tool: ModuleType, monkeypatch: pytest.MonkeyPatch, results: dict[str, Path],
                                            tmp_path: Path):
    out = tmp_path / 'page.html'
    for _ in range(2):
        run(tool, monkeypatch, results['plain'], '--out', out)
    out.write_text('<!doctype html><p>my thesis</p>')
    for taken in (out, tmp_path):
        with pytest.raises(UsageError, match='exists and is no page of this tool'):
            run(tool, monkeypatch, results['plain'], '--out', taken)
    assert out.read_text() == '<!doctype html><p>my thesis</p>'


def test_numbers_of_two_versions_do_not_compare(tool, tmp_path, monkeypatch, capsys):
    def file(name: str, data: str | None) -> Path:
        content = dict(name=name, folder='gone', pictures=3, metrics={'PSNR': 12.0}, data=data)
        (tmp_path / f'{name}.json').write_text(json.dumps(content))
        return tmp_path / f'{name}.json'

    new, newer = file('new', 'Nightscape 2.0'), file('newer', 'Nightscape 2.0')
    run(tool, monkeypatch, new, newer, '--out', tmp_path / 'page.html')
    assert capsys.readouterr().out.splitlines()[0].split() == ['Nightscape', '2.0', 'PSNR']
    assert Cells((tmp_path / 'page.html').read_text()).rows[0][0] == 'Nightscape 2.0'
    for other, said in ((file('old', 'Nightscape 1.0'), 'old is of Nightscape 1.0'),
                        (file('before', None), 'before is of data whose version its file does not say')):
        with pytest.raises(UsageError, match=f'do not compare: .*{said}'):
            run(tool, monkeypatch, new, other, '--out', tmp_path / 'two.html')
