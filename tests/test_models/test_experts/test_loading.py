"""Experts by what a user names on a command line, and the expert files that are shipped."""

import importlib.util
import json
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.fileio import load

from nightgen.models.experts import FolderDetectionExpert, FolderSegmentationExpert, expert_config, load_expert
from nightgen.models.experts.building import package_of, read_config, shipped_file

# A feature network is built from its type alone; the configs that read it are tested with their methods.
FILES = sorted(path for path in (Path(__file__).parents[3] / 'configs/_base_/experts').glob('*.py')
               if path.stem != 'vgg16_imagenet')
NAMES = dict(segmentation_expert='SegmentationExpert', panoptic_expert='SegmentationExpert',
             detection_expert='DetectionExpert')


@pytest.mark.parametrize('path', FILES, ids=lambda path: path.stem)
def test_expert_files_name_a_config_and_the_checkpoint_published_for_it(path):
    content = Config.fromfile(str(path)).to_dict()
    assert content and set(content) <= set(NAMES)
    for name, expert in content.items():
        assert expert['type'] == NAMES[name]
        package, inside = expert['config'].split('::')
        if importlib.util.find_spec(package) is None:
            pytest.skip(f'{package} is not installed')
        config = shipped_file(expert['config'])
        assert package_of(read_config(expert['config'])) == ('mmseg' if expert['type'] == 'SegmentationExpert' and
                                                              package != 'mmdet' else 'mmdet')
        if package == 'nightgen':
            continue
        metafile = next(file for file in config.parent.iterdir() if file.stem == 'metafile')
        models = load(str(metafile))
        weights = {model['Config'].rsplit('/', 1)[1]: model.get('Weights') for model in
                   (models['Models'] if isinstance(models, dict) else models)}
        assert weights[inside.rsplit('/', 1)[1]] == expert['checkpoint']


def test_files_configs_and_folders_are_told_apart(tmp_path):
    ocrnet = expert_config('nightgen::_base_/experts/ocrnet_hr48_cityscapes.py', 'segmentation', batch_size=2,
                           autocast=None)
    assert ocrnet['type'] == 'SegmentationExpert' and ocrnet['batch_size'] == 2 and 'autocast' not in ocrnet
    own = expert_config('nightgen::_base_/experts/rtmdet_m_coco.py', 'detection', checkpoint='mine.pth')
    assert own['checkpoint'] == 'mine.pth' and own['class_map'] == 'coco'
    panoptic = expert_config('nightgen::_base_/experts/panoptic_fpn_r101_coco.py', 'segmentation')
    assert panoptic['class_map'] == 'coco_panoptic'
    plain = expert_config('nightgen::experts/nightscape_segmentor.py', 'segmentation', checkpoint='mine.pth')
    assert plain == dict(type='SegmentationExpert', config='nightgen::experts/nightscape_segmentor.py',
                         checkpoint='mine.pth')
    assert isinstance(load_expert(tmp_path, 'segmentation'), FolderSegmentationExpert)
    boxes = tmp_path / 'boxes.json'
    boxes.write_text(json.dumps(dict(images=[], annotations=[], categories=[])))
    assert isinstance(load_expert(boxes, 'detection', batch_size=3), FolderDetectionExpert)


def test_mistakes_are_named(tmp_path):
    with pytest.raises(ValueError, match='holds detection_expert, no segmentation expert'):
        expert_config('nightgen::_base_/experts/rtmdet_m_coco.py', 'segmentation')
    with pytest.raises(ValueError, match='its checkpoint is needed'):
        expert_config('nightgen::experts/nightscape_segmentor.py', 'segmentation')
    with pytest.raises(FileNotFoundError, match='gone.py does not exist'):
        expert_config(tmp_path / 'gone.py', 'detection')
