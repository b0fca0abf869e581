"""The published lists of FLIR ADAS and KAIST."""

import pytest

from nightgen.datasets.splits import LISTS, kaist_parts, split_names


def test_counts_are_those_of_the_paper():
    assert [len(split_names('flir', name)) for name in LISTS] == [5447, 2899, 10, 490]
    assert [len(split_names('kaist', name)) for name in LISTS] == [1674, 1359, 15, 500]


@pytest.mark.parametrize('dataset', ['flir', 'kaist'])
def test_no_picture_is_listed_twice(dataset):
    names = [name for split in LISTS for name in split_names(dataset, split)]
    assert len(set(names)) == len(names)


def test_ranges_are_those_of_the_spec():
    days, nights, tests = (split_names('flir', name) for name in ('train_day', 'train_night', 'test_night'))
    assert (days[0], days[-1]) == ('FLIR_00002', 'FLIR_08862')
    assert (nights[0], nights[-1]) == ('FLIR_00135', 'FLIR_08620')
    assert (tests[0], tests[-1]) == ('FLIR_08863', 'FLIR_09671')

    def by_video(split):
        counts = {}
        for name in split_names('kaist', split):
            key = '/'.join(kaist_parts(name)[:2])
            counts[key] = counts.get(key, 0) + 1
        return counts

    assert by_video('train_night') == {'set03/V000': 440, 'set03/V001': 227, 'set04/V000': 400, 'set05/V000': 292}
    assert by_video('test_night') == {'set04/V001': 160, 'set09/V000': 162, 'set11/V000': 101, 'set11/V001': 77}
    days = by_video('train_day')
    assert [sum(count for video, count in days.items() if video.startswith(part)) for part in
            ('set00', 'set01', 'set02')] == [876, 404, 394]
    assert all(int(name[-5:]) % 20 == 0 for name in split_names('kaist', 'test_night'))


def test_names_of_kaist_frames():
    assert kaist_parts('set4_1_I02120') == kaist_parts('set04_V001_I02120') == ('set04', 'V001', 'I02120')
    with pytest.raises(ValueError, match='FLIR_00001'):
        kaist_parts('FLIR_00001')


def test_unknown_lists_say_what_there_is():
    with pytest.raises(ValueError, match='train_day.*flir, kaist'):
        split_names('flir', 'val')
