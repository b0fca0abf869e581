"""The user study: orders that hide the methods, scores of several people, the table by hand."""

import json
from collections import Counter
from pathlib import Path

import pytest

from nightgen.apis.user_study import CRITERIA, MEAN, NATURALNESS, UserStudy, study_table
from nightgen.testing import write_pictures

METHODS = ('original', 'ours', 'zhang2016')


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    for seed, method in enumerate(METHODS):
        write_pictures(tmp_path / method, 4, (8, 8), seed)
    return {method: tmp_path / method for method in METHODS}


def score_all(study: UserStudy, rater: str, scores: dict[str, dict[str, float]], most: int = 10 ** 6) -> int:
    """Answers a person's sheets with the same scores of a method throughout; how many sheets there were."""
    count = 0
    while (number := study.next_sheet(rater)) is not None and count < most:
        sheet = study.sheets(rater)[number]
        study.score(rater, number, [{name: scores[method][name] for name in sheet.questions}
                                    for method in sheet.methods])
        count += 1
    return count


def test_every_result_is_asked_alone_and_then_side_by_side(folders: dict, tmp_path: Path):
    study = UserStudy(folders, tmp_path / 'scores')
    sheets = study.sheets('Ada')
    assert len(sheets) == 4 * 3 + 4
    assert Counter((sheet.key, *sheet.methods) for sheet in sheets[:12]) == Counter(
        (f'{number:06d}', method) for number in range(4) for method in METHODS)
    assert all(sheet.questions == CRITERIA for sheet in sheets[:12])
    assert sorted(sheet.key for sheet in sheets[12:]) == [f'{number:06d}' for number in range(4)]
    assert all(sorted(sheet.methods) == list(METHODS) and sheet.questions == (NATURALNESS,) for sheet in sheets[12:])


def test_orders_differ_between_people_and_stay_for_one(folders: dict, tmp_path: Path):
    study, again = UserStudy(folders, tmp_path / 'scores'), UserStudy(folders, tmp_path / 'scores')
    assert study.sheets('Ada') == again.sheets('Ada') != study.sheets('Bob')
    assert UserStudy(folders, tmp_path / 'other', seed=1).sheets('Ada') != study.sheets('Ada')
    places = Counter(sheet.methods.index('ours') for number in range(100)
                     for sheet in study.sheets(f'person {number}')[12:])
    assert all(100 <= places[place] <= 167 for place in range(3))  # of 400, 133 are expected


def test_the_table_by_hand(folders: dict, tmp_path: Path):
    """Two people: the mean of 60 and 80 is 70; the mean of three is that of the criteria's means."""
    study = UserStudy(folders, tmp_path / 'scores')
    first = dict.fromkeys(METHODS, dict(zip((*CRITERIA, NATURALNESS), (60, 50, 40, 10), strict=True)))
    second = {**dict.fromkeys(METHODS, dict(zip((*CRITERIA, NATURALNESS), (80, 51, 43, 20), strict=True))),
              'ours': dict(zip((*CRITERIA, NATURALNESS), (100, 100, 100, 99.5), strict=True))}
    assert score_all(study, 'Ada', first) == score_all(study, 'Bob', second) == 16
    table = study_table(tmp_path / 'scores')
    assert list(table) == list(METHODS)
    assert table['original'] == pytest.approx({CRITERIA[0]: 70, CRITERIA[1]: 50.5, CRITERIA[2]: 41.5, MEAN: 54,
                                               NATURALNESS: 15})
    assert list(table['ours']) == [*CRITERIA, MEAN, NATURALNESS]
    assert table['ours'][MEAN] == pytest.approx((80 + 75 + 70) / 3) and table['ours'][NATURALNESS] == 54.75


def test_somebody_who_comes_back_goes_on(folders: dict, tmp_path: Path):
    scores = dict.fromkeys(METHODS, dict.fromkeys((*CRITERIA, NATURALNESS), 5))
    assert score_all(UserStudy(folders, tmp_path / 'scores'), 'Ada', scores, most=7) == 7
    assert 'naturalness' not in study_table(tmp_path / 'scores')['ours']
    again = UserStudy(folders, tmp_path / 'scores')
    assert again.next_sheet('Ada') == 7 and again.next_sheet('Bob') == 0
    assert score_all(again, 'Ada', scores) == 9


@pytest.mark.parametrize('name', ['../../up', '/etc/passwd', 'a\0b', 'ä' * 200, '.'])
def test_a_name_names_no_path(folders: dict, tmp_path: Path, name: str):
    study = UserStudy(folders, tmp_path / 'scores')
    study.score(name, 0, [dict.fromkeys(CRITERIA, 1)])
    files = list((tmp_path / 'scores').iterdir())
    assert len(files) == 1 and json.loads(files[0].read_text())['rater'] == name


@pytest.mark.parametrize(('number', 'scores', 'words'), [
    (1, [dict.fromkeys(CRITERIA, 1)], 'not the next one'),
    (0, [], 'of 1 images'),
    (0, [dict(edges=1)], 'asks semantic correctness, saturability, edges'),
    (0, [dict.fromkeys(CRITERIA, 101)], 'from 0 to 100'),
    (0, [dict.fromkeys(CRITERIA, True)], 'from 0 to 100'),
    (0, [dict.fromkeys(CRITERIA, float('nan'))], 'from 0 to 100')])
def test_scores_that_cannot_be_are_refused(folders: dict, tmp_path: Path, number: int, scores: list, words: str):
    study = UserStudy(folders, tmp_path / 'scores')
    with pytest.raises(ValueError, match=words):
        study.score('Ada', number, scores)
    assert study.next_sheet('Ada') == 0
    with pytest.raises(ValueError, match='a name is needed'):
        study.score(' ', 0, [])


def test_folders_that_do_not_fit(folders: dict, tmp_path: Path):
    with pytest.raises(ValueError, match='at least two methods'):
        UserStudy(dict(ours=folders['ours']), tmp_path / 'scores')
    (folders['ours'] / '000002.png').unlink()
    with pytest.raises(FileNotFoundError, match='1 images are in only one of .* the first is 000002'):
        UserStudy(folders, tmp_path / 'scores')
    with pytest.raises(FileNotFoundError, match='no scores'):
        study_table(tmp_path / 'scores')


def test_scores_of_another_study_are_not_mixed(folders: dict, tmp_path: Path):
    scores = dict.fromkeys(METHODS, dict.fromkeys((*CRITERIA, NATURALNESS), 5))
    score_all(UserStudy(folders, tmp_path / 'scores'), 'Ada', scores, most=1)
    with pytest.raises(ValueError, match='another study'):
        UserStudy({name: folders[name] for name in METHODS[:2]}, tmp_path / 'scores')
    with pytest.raises(ValueError, match='another study'):
        UserStudy(folders, tmp_path / 'scores', seed=4)
