"""Domain datasets, their pairing, and the transforms and samplers that feed a run."""

from . import samplers, transforms  # noqa: F401
from .bdd100k import BDD100KDataset
from .cityscapes import CityscapesDayDataset, LabelIdsToTrainIds
from .coco_stuff import COCOStuffDataset
from .collate import list_collate, stack_collate
from .colorization import ColorizationDataset
from .dark_zurich import DarkZurichDataset
from .flir import FLIRDataset
from .image_folder import ImageFolderDataset
from .kaist import KAISTDataset
from .nightscape_dataset import NightscapeDataset
from .pairing import IndependentPairing, IndexPairing, PairingRule, RandomPairing
from .pascal_context import PascalContextDataset
from .samplers import MemoryGuidedPairing
from .single_domain import SingleDomainDataset
from .surveillance import FixedCameraDataset, LLVIPDataset, NightSuRDataset
from .unpaired import UnpairedDataset

__all__ = ['BDD100KDataset', 'COCOStuffDataset', 'CityscapesDayDataset', 'ColorizationDataset', 'DarkZurichDataset',
           'FLIRDataset', 'FixedCameraDataset', 'ImageFolderDataset', 'IndependentPairing', 'IndexPairing',
           'KAISTDataset', 'LLVIPDataset', 'LabelIdsToTrainIds', 'MemoryGuidedPairing', 'NightSuRDataset',
           'NightscapeDataset', 'PairingRule', 'PascalContextDataset', 'RandomPairing', 'SingleDomainDataset',
           'UnpairedDataset', 'list_collate', 'stack_collate']
