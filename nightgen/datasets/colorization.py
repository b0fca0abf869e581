"""Colour pictures for a colorizer: each is its own input and its own truth."""

from typing import Any

from mmengine.dataset import BaseDataset

from nightgen.registry import DATASETS

from .single_domain import SingleDomainDataset

_ENTRIES = dict(luma='luma', chroma='real_chroma')  # of RGBToLab, as the translator calls them


@DATASETS.register_module()
class ColorizationDataset(SingleDomainDataset):
    """The pictures of any domain dataset, paired with themselves: grey in, colour out.

    A sample has ``inputs['real_color']``, the integers of the file, from which the translator makes luma and chroma on
    the device; where the pipeline has an ``RGBToLab`` it has ``luma`` and ``real_chroma`` instead. A colorizer that
    translates reads nothing but the luma. For ImageNet with the paper's protocol take an ``ImageFolderDataset`` with
    the lists of ``tools/dataset_converters/imagenet_colorization.py``.

    Args:
        dataset: Config or instance of the domain dataset: ``ImageFolderDataset`` for a folder of photos,
            ``NightscapeDataset(rendering='day')``, ``FLIRDataset``. Its pipeline ends with ``PackTranslationInputs``.
        truth: Whether the picture itself goes into ``data_samples.truth``: yes to evaluate colour photos, no to train
            (it would only travel) and for thermal pictures, which have no colour of their own.
        domain: What the pictures are called: to train, as in the model's ``domains``.
            A label map beside the picture (``inputs=('label',)``) is then also ``data_samples.label``, resized and
            cropped as the picture is, where ``label`` names no other.
        on_broken, label, boxes: As in :class:`SingleDomainDataset`.

    Example:
        >>> dataset = ColorizationDataset(dict(type='ImageFolderDataset', data_root='photos', pipeline=pipeline))
        >>> sorted(dataset[0]['inputs']), dataset[0]['data_samples'].truth.shape
        (['real_color'], torch.Size([3, 256, 256]))
    """

    def __init__(self, dataset: dict | BaseDataset, truth: bool = True, domain: str = 'color', **kwargs: Any):
        if not isinstance(truth, bool):
            raise TypeError('ColorizationDataset: truth says whether the image is its own truth (True or False), got '
                            f'{truth!r}; for other images as truth use SingleDomainDataset')
        super().__init__(domain, dataset, **kwargs)
        self.own_truth = truth

    def __getitem__(self, idx: int) -> dict:
        sample = super().__getitem__(idx)
        inputs = sample['inputs']
        picture = inputs[f'real_{self.domain}']
        if self.own_truth:
            sample['data_samples'].truth = picture
            if f'label_{self.domain}' in inputs and 'label' not in sample['data_samples']:
                sample['data_samples'].label = inputs[f'label_{self.domain}']
        made = {name: inputs.pop(f'{entry}_{self.domain}') for entry, name in _ENTRIES.items()
                if f'{entry}_{self.domain}' in inputs}
        if made:
            del inputs[f'real_{self.domain}']
            inputs.update(made)
        return sample
