"""From integer pictures to batches."""

import numpy as np
import pytest
import torch

from nightgen.models.data_preprocessor import TranslationDataPreprocessor
from nightgen.registry import MODELS
from nightgen.structures import TranslationSample


def pictures(dtype=torch.uint8, number=2, size=(3, 4, 5)):
    top = torch.iinfo(dtype).max
    values = [torch.from_numpy(np.random.default_rng(seed).integers(0, top + 1, size).astype(str(dtype)[6:]))
              for seed in range(number)]
    values[0].view(torch.uint8 if dtype == torch.uint8 else torch.int16).view(-1)[:2] = torch.tensor(
        [0, 255 if dtype == torch.uint8 else -1])
    return values


@pytest.mark.parametrize('dtype,top', [(torch.uint8, 255), (torch.uint16, 65535)])
def test_images_are_scaled_by_the_range_of_their_type(dtype, top):
    images = pictures(dtype)
    samples = [TranslationSample(metainfo=dict(img_path='a.png'))] * 2
    preprocessor = MODELS.build(dict(type='TranslationDataPreprocessor', kinds=dict(mask='unit')))
    inputs = dict(real_night=images, mask_day=images, edges_day=images)
    batch = preprocessor(dict(inputs=inputs, data_samples=samples), True)
    expected = np.stack([image.numpy() for image in images]).astype(np.float64) / top
    for name, values in (('real_night', 2 * expected - 1), ('mask_day', expected), ('edges_day', expected)):
        assert batch['inputs'][name].dtype == torch.float32 and batch['inputs'][name].shape == (2, 3, 4, 5)
        np.testing.assert_allclose(batch['inputs'][name].numpy(), values, atol=2e-7)
    assert batch['inputs']['real_night'].min() == -1 and batch['inputs']['real_night'].max() == 1
    assert batch['data_samples'] is samples


def test_stacked_batches_and_the_bare_name_are_taken():
    images = pictures()
    preprocessor = TranslationDataPreprocessor()
    first = preprocessor(dict(inputs=dict(real=images)))['inputs']['real']
    stacked = torch.stack(images)
    second = preprocessor(dict(inputs=dict(real=stacked)))['inputs']['real']
    assert first.equal(second) and stacked.equal(torch.stack(images))


def test_labels_become_long_without_a_channel():
    preprocessor = TranslationDataPreprocessor(kinds=dict(pseudo='label'))
    labels = [torch.tensor([[0, 18], [255, 3]], dtype=torch.uint8)] * 2
    inputs = preprocessor(dict(inputs=dict(label_day=labels, pseudo=[label[None] for label in labels])))['inputs']
    for label in inputs.values():
        assert label.dtype == torch.int64 and label.shape == (2, 2, 2) and label[0].tolist() == [[0, 18], [255, 3]]
    with pytest.raises(TypeError, match='must hold integers'):
        preprocessor(dict(inputs=dict(label=[torch.zeros(2, 2)])))


def test_raw_entries_keep_type_and_values():
    value = torch.randn(2, 5)
    out = TranslationDataPreprocessor(kinds=dict(memory='raw'))(dict(inputs=dict(memory_day=list(value))))
    assert out['inputs']['memory_day'].equal(value) and out['data_samples'] is None


def test_the_longest_declared_name_decides():
    preprocessor = TranslationDataPreprocessor(kinds={'real_thermal': 'unit'})
    assert preprocessor.kind_of('real_thermal') == 'unit' and preprocessor.kind_of('real_day') == 'image'
    with pytest.raises(KeyError, match='realistic'):
        preprocessor.kind_of('realistic')


def test_undeclared_entries_and_unknown_kinds_are_errors():
    with pytest.raises(KeyError, match=r"'depth_day' has no kind; declare it.*kinds=dict\(depth_day="):
        TranslationDataPreprocessor()(dict(inputs=dict(depth_day=pictures())))
    with pytest.raises(ValueError, match="unknown kind 'float' of 'depth', there are image, unit, label, raw"):
        TranslationDataPreprocessor(kinds=dict(depth='float'))


def test_unequal_sizes_are_an_error_that_names_the_files():
    samples = [TranslationSample(metainfo=dict(img_path=f'night/{index}.png')) for index in range(2)]
    with pytest.raises(ValueError, match=r"'real_night' in one batch differ: \(3, 4, 5\).*\(3, 4, 6\).*night/1.png"):
        TranslationDataPreprocessor()(dict(inputs=dict(real_night=[
            torch.zeros(3, 4, 5, dtype=torch.uint8), torch.zeros(3, 4, 6, dtype=torch.uint8)]), data_samples=samples))
    with pytest.raises(ValueError, match='torch.uint8.*torch.int16'):
        TranslationDataPreprocessor()(dict(inputs=dict(real=[*pictures(), torch.zeros(3, 4, 5, dtype=torch.int16)])))


def test_float_images_and_faulty_batches_are_errors():
    preprocessor = TranslationDataPreprocessor()
    with pytest.raises(TypeError, match="'real_day' is of kind 'image' and must be uint8 or uint16.*float32"):
        preprocessor(dict(inputs=dict(real_day=[torch.zeros(3, 4, 4)])))
    with pytest.raises(ValueError, match='empty'):
        preprocessor(dict(inputs=dict(real_day=[])))
    with pytest.raises(TypeError, match="needs data\\['inputs'\\]"):
        preprocessor(dict(inputs=torch.zeros(1)))


def test_it_has_no_state():
    assert not list(TranslationDataPreprocessor().state_dict())


def test_8_and_16_bits_come_together():
    """A batch of an 8-bit and a 16-bit picture holds what each is by itself; labels keep their values."""
    shallow, deep = pictures(torch.uint8, 1)[0], pictures(torch.uint16, 2)[1]
    preprocessor = TranslationDataPreprocessor(kinds=dict(memory='raw'))
    for name in ('real_night', 'edges_day'):
        both = preprocessor(dict(inputs={name: [shallow, deep]}))['inputs'][name]
        for image, alone in zip(both, (shallow, deep), strict=True):
            np.testing.assert_allclose(image, preprocessor(dict(inputs={name: [alone]}))['inputs'][name][0], atol=2e-7)
    label = [torch.tensor([[0, 255]], dtype=torch.uint8), torch.tensor([[256, 7]]).to(torch.uint16)]
    assert preprocessor(dict(inputs=dict(label=label)))['inputs']['label'].tolist() == [[[0, 255]], [[256, 7]]]
    with pytest.raises(ValueError, match='differ'):
        preprocessor(dict(inputs=dict(memory=[shallow, deep])))
