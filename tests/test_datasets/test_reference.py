"""Where references are, and what is said where they are not."""

import pytest

from nightgen.datasets.reference import add_references, reference_path


def test_patterns_are_filled_in():
    record = dict(camera='gate', img_path='data/x/gate/night/1.png')
    assert reference_path('{root}/{camera}/background.png', 'data/x/', record, 'X') == 'data/x/gate/background.png'
    assert reference_path('{root}_references/{camera}.png', 'data/x', record, 'X') == 'data/x_references/gate.png'
    assert reference_path('mean.png', '', {}, 'X') == 'mean.png'
    for pattern, known in (('{camera}.png', {}), ('{camer}.png', record), ('{}.png', record), ('{camera.png', record)):
        with pytest.raises(ValueError, match='^X: the reference .* cannot be filled in'):
            reference_path(pattern, 'data', known, 'X')


def test_every_record_gets_its_file_and_a_missing_one_is_named(tmp_path):
    (tmp_path / 'a.png').touch()
    records = [dict(camera='a', key=str(index)) for index in range(2)]
    found = add_references(records, '{root}/{camera}.png', str(tmp_path), 'X')
    assert [record['reference_day_path'] for record in found] == [str(tmp_path / 'a.png')] * 2
    assert all(record['full_names'] == ('reference_day',) for record in found) and 'full_names' not in records[0]
    with pytest.raises(FileNotFoundError, match=r'no daytime reference .*b.png; `python .*make_reference.py <folder'):
        add_references([*records, dict(camera='b')], '{root}/{camera}.png', str(tmp_path), 'X')
