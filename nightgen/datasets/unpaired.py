"""Several domains in one sample, and the view of a single one for evaluation."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from mmengine.dataset import BaseDataset
from torch.utils.data import Dataset

from nightgen.registry import DATASETS, TASK_UTILS
from nightgen.structures import TranslationSample
from nightgen.utils.seeding import Draw, Pick, seeded_sample

from .pairing import PairingRule
from .single_domain import SingleDomainDataset, named_entries


def inputs_by_domain(inputs: Sequence[str], domains: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """``('edges_day', 'label_day')`` as ``dict(day=('edges', 'label'))``.

    Raises:
        ValueError: an entry that names no domain.
    """
    found: dict[str, tuple[str, ...]] = {}
    for name in inputs:
        domain = max((domain for domain in domains if name.endswith(f'_{domain}')), key=len, default=None)
        if domain is None:
            raise ValueError(f"UnpairedDataset: '{name}' of inputs is of no domain: <entry>_<domain> is expected, and "
                             f'the domains are {list(domains)}')
        found[domain] = (*found.get(domain, ()), name.removesuffix(f'_{domain}'))
    return found


def with_inputs(dataset: Mapping | BaseDataset, domain: str, inputs: tuple[str, ...]) -> Mapping | BaseDataset:
    """The config of a domain dataset that is asked for these entries too; a built one must have been asked already.

    Raises:
        ValueError: it was not.
    """
    if isinstance(dataset, Mapping) and 'datasets' in dataset:  # several folders: mmengine's ConcatDataset
        return dict(dataset, datasets=[with_inputs(part, domain, inputs) for part in dataset['datasets']])
    if isinstance(dataset, Mapping):
        return dict(dataset, inputs=tuple(dict.fromkeys((*dataset.get('inputs', ()), *inputs))))
    missing = [entry for entry in inputs if entry not in getattr(dataset, 'inputs', ())]
    if missing:
        raise ValueError(f"UnpairedDataset: the dataset of '{domain}' is built already; build it with "
                         f'inputs={(*missing,)}, or give its config')
    return dataset


@DATASETS.register_module()
class UnpairedDataset(Dataset):
    """One picture of each domain, chosen by a pairing rule.

    A sample is ``dict(inputs={'real_night': ..., 'real_day': ..., 'edges_day': ...}, data_samples=TranslationSample)``:
    the entries of every domain dataset with the domain's name behind them (``full_names`` of ``PackTranslationInputs``
    stay as they are), and meta information as dicts by domain; ``draw`` is the number of the draw.

    Its length is that of the longest domain. Evaluate on :meth:`view`, which shows each picture once.

    Args:
        pairing: rule of ``TASK_UTILS``; ``RandomPairing`` unless given.
        inputs: what the model reads beside the images, ``('edges_day', 'edges_thermal', 'label_day')``: each domain
            dataset gets its own as ``inputs=('edges', 'label')`` (see ``ImageFolderDataset``).
        **domains: config (or instance) of one domain dataset by the domain's name, e.g. ``night=dict(type=...)``; at
            least one.

    Example:
        >>> UnpairedDataset(night=dict(type='ImageFolderDataset', data_root='data/night', pipeline=pipeline),
        ...                 day=dict(type='ImageFolderDataset', data_root='data/day', pipeline=pipeline))
    """

    def __init__(self, pairing: dict | PairingRule | None = None, inputs: Sequence[str] = (),
                 **domains: dict | BaseDataset):
        if not domains:
            raise ValueError('UnpairedDataset needs at least one domain, e.g. night=dict(type=...)')
        wanted = inputs_by_domain(inputs, domains)
        self.datasets: dict[str, BaseDataset] = {}
        for name, config in domains.items():
            if not isinstance(config, Mapping) and not hasattr(config, '__getitem__'):
                raise TypeError(f"UnpairedDataset: domain '{name}' must be a dataset or its config, got {config!r}")
            if name in wanted:
                config = with_inputs(config, name, wanted[name])
            self.datasets[name] = DATASETS.build(config) if isinstance(config, Mapping) else config
        self.domains = tuple(self.datasets)
        pairing = dict(type='RandomPairing') if pairing is None else pairing
        self.pairing = TASK_UTILS.build(pairing) if isinstance(pairing, Mapping) else pairing
        self._bound = False

    @property
    def metainfo(self) -> dict:
        """The domains' meta information by name, and ``domains``."""
        members = {name: dict(getattr(dataset, 'metainfo', None) or {}) for name, dataset in self.datasets.items()}
        return dict(domains=self.domains, **members)

    def full_init(self) -> None:
        """Loads the file lists of all domains; the Runner calls it before workers start."""
        for dataset in self.datasets.values():
            if hasattr(dataset, 'full_init'):
                dataset.full_init()
        if not self._bound and hasattr(self.pairing, 'bind'):
            self.pairing.bind(self.datasets)
        self._bound = True

    def sizes(self) -> dict[str, int]:
        """Number of pictures by domain."""
        return {name: len(dataset) for name, dataset in self.datasets.items()}

    def __len__(self) -> int:
        return max(self.sizes().values())

    def pair(self, draw: Draw | int) -> dict[str, Pick]:
        """The index in every domain for a drawn one: the pairing rule's choice.

        The sampler asks for it in the main process. Of a :class:`~nightgen.utils.seeding.Draw` it is a function of the
        draw (and of the rule's state), of a plain index one of numpy's random state.

        Raises:
            KeyError: The rule does not choose for exactly the domains.
        """
        if not self._bound:
            self.full_init()
        state = np.random.RandomState(draw.words()) if isinstance(draw, Draw) else np.random
        chosen = self.pairing(draw, self.sizes(), np.random.RandomState(state.randint(2**31)))
        if set(chosen) != set(self.domains):
            raise KeyError(f'{type(self.pairing).__name__} chose for {sorted(chosen)}, the domains are '
                           f'{list(self.domains)}')
        return {domain: pick if isinstance(pick, Pick) else Pick(pick) for domain, pick in chosen.items()}

    def _picks(self, idx: Draw | int) -> dict[str, Pick]:
        if not isinstance(idx, Draw):
            return self.pair(idx)
        np.random.randint(2**31)  # the first random number of a sample is its pairing's, wherever that was made
        if idx.picks is not None:
            return idx.picks
        if hasattr(self.pairing, 'shared_run_state'):
            raise RuntimeError(f'{type(self.pairing).__name__} has run state and must choose in the main process; '
                               "train with sampler=dict(type='ResumableSampler') on the UnpairedDataset itself")
        return self.pair(idx)

    def __getitem__(self, idx: Draw | int) -> dict:
        if not 0 <= idx < len(self):
            raise IndexError(f'index {int(idx)} is outside the {len(self)} samples of UnpairedDataset')
        inputs, meta = {}, {}
        with seeded_sample(idx):
            picks = self._picks(idx)
            for domain in self.domains:
                sample = self.datasets[domain][picks[domain]]
                info = dict(sample['data_samples'].metainfo_items())
                self._check_replay(domain, picks[domain], info)
                entries = named_entries(sample, domain)
                twice = sorted(set(entries) & set(inputs))
                if twice:
                    raise ValueError(f"two domains give the batch entries {twice}; the full_names of '{domain}' are "
                                     f'{info.get("full_names")}')
                inputs.update(entries)
                for key, value in info.items():
                    meta.setdefault(key, {})[domain] = value
        meta['domain'] = self.domains
        if isinstance(idx, Draw):
            meta['draw'] = idx.draw
        return dict(inputs=inputs, data_samples=TranslationSample(metainfo=meta))

    def _check_replay(self, domain: str, pick: Pick, info: dict) -> None:
        """A crop or a flip that nobody replayed would show something else than what the rule chose."""
        for key, value in pick.replay.items():
            if tuple(info.get(key, ())) != tuple(value):
                raise ValueError(f"{type(self.pairing).__name__} wants {key}={value} of '{domain}' replayed, and the "
                                 f'sample has {info.get(key)}: its pipeline needs a transform that replays it '
                                 '(RandomCropImages, RandomFlipTranspose), and its dataset must hand on Pick.replay as '
                                 'ImageFolderDataset does')

    def view(self, domain: str) -> SingleDomainDataset:
        """One domain by itself, each picture once, with the same entry names."""
        if domain not in self.datasets:
            raise KeyError(f"no domain '{domain}', there are {list(self.domains)}")
        return SingleDomainDataset(domain, self.datasets[domain])
