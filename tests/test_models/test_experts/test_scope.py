"""mmseg's and mmdet's models leave nightgen's own names and scope as they were, and are not imported without need."""

import subprocess
import sys
import textwrap

import pytest
from mmengine.registry import DefaultScope

from nightgen.models.experts import DetectionExpert, MissingPackageError, SegmentationExpert
from nightgen.models.experts.building import import_package, shipped_file
from nightgen.registry import MODELS, TRANSFORMS


class OwnResNet:
    """Has the name of a class of mmseg."""


class OwnLoadAnnotations:
    """Has the name of a class of mmseg, of mmdet and of mmcv."""


@pytest.fixture
def own_names(monkeypatch):
    TRANSFORMS.get('LoadImage')  # fills the table
    monkeypatch.setitem(MODELS._module_dict, 'ResNetV1c', OwnResNet)
    monkeypatch.setitem(TRANSFORMS._module_dict, 'LoadAnnotations', OwnLoadAnnotations)


@pytest.mark.parametrize('current', [None, 'nightgen'])
def test_names_and_scope_stay(tiny, own_names, current):
    if current:
        DefaultScope.get_instance('a_run', scope_name=current)
    tables = dict(MODELS.module_dict), dict(TRANSFORMS.module_dict)
    segmentor = SegmentationExpert(*tiny['segmentor'], class_map='cityscapes')
    detector = DetectionExpert(*tiny['detector'], class_map='coco')
    scope = DefaultScope.get_current_instance()
    assert (scope.scope_name if scope else None) == current
    assert type(MODELS.build(dict(type='ResNetV1c'))) is OwnResNet
    assert type(TRANSFORMS.build(dict(type='LoadAnnotations'))) is OwnLoadAnnotations
    assert (MODELS.module_dict, TRANSFORMS.module_dict) == tables
    assert segmentor.package == 'mmseg' and detector.package == 'mmdet'


def test_a_failed_build_restores_the_scope_too(tiny):
    config, checkpoint = tiny['segmentor']
    broken = dict(config, model=dict(config['model'], backbone=dict(type='NoSuchBackbone')))
    DefaultScope.get_instance('a_run', scope_name='nightgen')
    with pytest.raises(KeyError):
        SegmentationExpert(broken, checkpoint)
    assert DefaultScope.get_current_instance().scope_name == 'nightgen'


def test_a_missing_package_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, 'mmseg', None)
    with pytest.raises(MissingPackageError, match='setup_env.sh full.*pip install mmsegmentation'):
        import_package('mmseg')
    with pytest.raises(MissingPackageError, match='no_such_package'):
        shipped_file('no_such_package::config.py')


def test_training_imports_neither_mmseg_nor_mmdet(tmp_path, tool_env):
    script = textwrap.dedent('''
        import sys
        from mmengine.runner import Runner
        from nightgen.testing.runs import small_run, write_domains
        import nightgen.models.experts
        Runner.from_cfg(small_run(write_domains(sys.argv[1]), sys.argv[2], max_iters=1)).train()
        print('loaded', sorted({name.split('.')[0] for name in sys.modules} & {'mmseg', 'mmdet', 'pycocotools'}))
    ''')
    done = subprocess.run([sys.executable, '-c', script, str(tmp_path / 'data'), str(tmp_path / 'work')],
                          env=tool_env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert 'loaded []' in done.stdout
