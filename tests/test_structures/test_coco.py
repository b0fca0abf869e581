"""A COCO file's boxes: what is read, and every fault with its annotation's name."""

import json
import logging

import pytest

from nightgen.structures.coco import CocoFile


def text(annotations, images=None, **more):
    content = dict(images=images or [dict(id=4, file_name='cam/a.png', width=100, height=80)],
                   categories=[dict(id=1, name='person'), dict(id=2, name='car')], annotations=annotations, **more)
    return json.dumps(content)


def entry(*box, **more):
    return dict(dict(id=77, image_id=4, category_id=2, bbox=list(box)), **more)


def test_boxes_and_what_belongs_to_them():
    found = [entry(1, 2, 30, 40), entry(5, 5, 0, 3, iscrowd=1, score=0.5), entry(0, 0, 1, 1, ignore=1)]
    content = CocoFile(text(found), 'b.json')
    assert [box.corners for box in content.boxes] == [(1, 2, 31, 42), (5, 5, 5, 8), (0, 0, 1, 1)]
    assert [(box.score, box.ignore, box.crowd) for box in content.boxes] == \
        [(1, False, False), (0.5, True, True), (1, True, False)]
    assert content.keys == {4: 'cam/a'} and content.boxes[0].image == 4 and content.boxes[0].category == 2
    assert content.labels('cityscapes') == {1: 11, 2: 13} and content.labels(None) == {1: 1, 2: 2}


def test_a_file_may_say_that_it_holds_corners():
    assert CocoFile(text([entry(60, 50, 90, 70)], info=dict(bbox_format='xyxy')), 'b').boxes[0].corners == \
        (60, 50, 90, 70)
    with pytest.raises(ValueError, match='annotation 77 has a box with a right or bottom edge before'):
        CocoFile(text([entry(60, 50, 30, 70)], info=dict(bbox_format='xyxy')), 'b')
    with pytest.raises(ValueError, match="bbox_format is one of xywh, xyxy, got 'cxcywh'"):
        CocoFile(text([], info=dict(bbox_format='cxcywh')), 'b')


CORNERS = [entry(60, 50, 90, 70), entry(30, 20, 50, 50), entry(70, 10, 99, 20)]


def test_corners_are_recognised_and_not_guessed():
    with pytest.raises(ValueError, match=r'b.json: the boxes look like left, top, right, bottom.*2 of 3 leave.*'
                                         r'\[60.0, 50.0, 90.0, 70.0\] in cam/a.png; say "bbox_format"'):
        CocoFile(text(CORNERS), 'b.json')
    assert CocoFile(text(CORNERS, info=dict(bbox_format='xywh')), 'b').boxes[0].corners == (60, 50, 150, 120)
    # One box that is no corner pair, most boxes inside, or pictures of unknown size: as COCO has it.
    assert CocoFile(text([*CORNERS, entry(50, 5, 10, 10)]), 'b').boxes[0].corners == (60, 50, 150, 120)
    assert CocoFile(text([CORNERS[0], *[entry(1, 1, 20, 20)] * 2]), 'b').boxes[1].corners == (1, 1, 21, 21)
    assert len(CocoFile(text(CORNERS, images=[dict(id=4, file_name='a.png')]), 'b').boxes) == 3
    assert CocoFile(text([entry(10, 10, 91, 71)]), 'b').boxes[0].corners == (10, 10, 101, 81)  # rounded at the border


@pytest.mark.parametrize(('wrong', 'words'), [
    (entry(1, 2, -3, 4), 'negative width or height'), (entry(1, 2, 3, -0.5), 'negative width or height'),
    (entry(1, float('nan'), 3, 4), 'not finite'), (entry(1, 2, float('inf'), 4), 'not finite'),
    (entry(1, 2, 3, 4, score=float('nan')), 'not finite'), (entry(1, 2, 3), 'of four numbers'),
    (entry(1, 2, 3, '4'), 'of four numbers'), (dict(id=77, image_id=4, category_id=2), 'of four numbers, but None'),
    (entry(1, 2, 3, 4, image_id=5), 'does not list'), (entry(1, 2, 3, 4, category_id=9), 'does not list')])
def test_faults_name_file_and_annotation(wrong, words):
    with pytest.raises(ValueError, match=f'night/b.json: annotation 77 .*{words}'):
        CocoFile(text([entry(1, 2, 3, 4, id=1), wrong]), 'night/b.json')


def test_annotations_without_an_id_are_counted():
    wrong = entry(1, 2, 3, -4)
    del wrong['id']
    with pytest.raises(ValueError, match=r'annotation 1 \(counted from 0\)'):
        CocoFile(text([entry(1, 2, 3, 4), wrong]), 'b')


def test_captions_and_crowd_areas_are_left_out_by_name(monkeypatch):
    said = []
    monkeypatch.setattr('nightgen.structures.coco.print_log', lambda text, logger, level: said.append((level, text)))
    content = CocoFile(text([dict(id=8, image_id=4, caption='a street'), entry(1, 2, 3, 4),
                             dict(id=9, image_id=4, category_id=1, iscrowd=1, segmentation={})]), 'b.json')
    assert len(content.boxes) == 1
    assert said == [(logging.WARNING, 'b.json: 2 annotations have no box (captions, or crowds that are an area) and '
                                      'are left out: annotation 8, annotation 9')]


def test_other_files_are_refused():
    for wrong, words in (('{', 'is no JSON'), ('[]', 'no file of boxes'), ('{"images": []}', 'no file of boxes'),
                         (text([], images=[dict(file_name='a.png')]), "image has no 'id'"),
                         (text([], images=[dict(id=3)]), "image 3 has no 'file_name'"),
                         (text([], images=[dict(id=1, file_name='a.png'), dict(id=2, file_name='a.jpg')]), 'ending')):
        with pytest.raises(ValueError, match=f'b.json.*{words}'):
            CocoFile(wrong, 'b.json')


def test_unlisted_categories_may_be_allowed():
    assert CocoFile(text([entry(1, 2, 3, 4, category_id=9)]), 'b', unlisted=True).boxes[0].category == 9
