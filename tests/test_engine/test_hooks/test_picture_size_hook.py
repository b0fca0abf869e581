"""Pictures that are smaller than the crop are found before training."""

from pathlib import Path

import numpy as np
import pytest

from nightgen.engine.hooks import PictureSizeHook
from nightgen.testing import small_run, write_domains
from nightgen.utils.images import write_image

HOOK = [dict(type='PictureSizeHook')]


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Domains of 40x40 pictures, one night of which is 32 high and 31 wide."""
    root = write_domains(tmp_path / 'mixed', 5)
    write_image(str(root / 'night/0003.png'), np.zeros((32, 31, 3), np.uint8))
    return root


def train(root: Path, work_dir: Path, **changes: object) -> int:
    """The iterations that were done."""
    from mmengine.runner import Runner
    runner = Runner.from_cfg(small_run(root, work_dir, max_iters=1, custom_hooks=HOOK, **changes))
    runner.train()
    return runner.iter


def test_a_small_picture_is_named_with_its_domain(mixed: Path, tmp_path: Path):
    with pytest.raises(ValueError, match=r"1 of 5 images of 'night' are smaller than the crop 32x32 .*"
                                         r'night/0003.png .32x31.\. Use a smaller crop_size.*at_least=.32, 32'):
        train(mixed, tmp_path / 'run')
    assert not list((tmp_path / 'run').glob('*.pth'))


def test_what_is_resized_first_is_left_alone(mixed: Path, tmp_path: Path):
    enlarged = [dict(type='LoadImage'), dict(type='ResizeImages', at_least=(32, 32)),
                dict(type='RandomCropImages', crop_size=32), dict(type='PackTranslationInputs')]
    done = train(mixed, tmp_path / 'run', **{'train_dataloader.dataset.night.pipeline': enlarged,
                                             'val_dataloader': None, 'val_cfg': None, 'val_evaluator': None})
    assert done == 1


def test_either_orientation_will_do_and_what_has_no_header_is_left_to_training(tmp_path: Path):
    from nightgen.engine.hooks.picture_size_hook import _holds, _size
    (tmp_path / 'x.png').write_bytes(b'no image')
    assert _size(str(tmp_path / 'x.png')) is None and _size(str(tmp_path / 'none.png')) is None
    assert _holds((20, 30), (30, 20)) and not _holds((20, 30), (30, 21)) and not _holds((20, 29), (20, 30))


def test_many_pictures_are_sampled_evenly_and_that_is_said(monkeypatch: pytest.MonkeyPatch):
    said, looked_at = [], []
    place = 'nightgen.engine.hooks.picture_size_hook'
    monkeypatch.setattr(f'{place}.print_log', lambda message, *where: said.append(message))
    monkeypatch.setattr(f'{place}._size', lambda path: looked_at.append(Path(path).stem))

    class Five:
        domain = 'night'

        def __len__(self):
            return 5

        def get_data_info(self, index):
            return dict(img_path=f'{index}.png')

    PictureSizeHook(limit=3)._check('night', Five(), (32, 32))
    assert looked_at == ['0', '2', '4']
    assert said == ["sizes of 3 of the 5 images of 'night' are compared with the crop"]
