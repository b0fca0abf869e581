"""Shows what a method with labels sees: its label maps, its memory and where its translations answer to rare classes.

Writes into --out-dir, from samples of the config's training set: labels.png, a row for each sample with the day, its
label map before and after semantic denoising and as the method completes it, the thermal image, the labels that its own
network is sure of (by the config's threshold of objects) before denoising, every label of the config, and the
translation; memory.png, days beside the remembered thermal images that are most like them; attention.png, for each
group of rare classes the best cosine of every cell to the clusters of the real day: of the day itself, and of the
translation.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from mmengine.registry import init_default_scope
from torch import Tensor

from nightgen.apis import init_model
from nightgen.checkpoint import CheckpointError, load_checkpoint
from nightgen.datasets import UnpairedDataset
from nightgen.datasets.samplers.memory_guided import MemoryGuidedPairing, class_counts, distribution_vector
from nightgen.models.losses.collaborative_attention import AdaptiveCollaborativeAttentionLoss, cosine_k_means
from nightgen.models.pseudo_labels import DistilledLabel, SemanticDenoising, confident_label
from nightgen.models.translators import MornGANTranslator
from nightgen.models.translators.tensors import Tensors
from nightgen.registry import DATASETS
from nightgen.structures.class_maps import CITYSCAPES_CLASSES
from nightgen.utils.cli import ConfigOptions, UsageError, load_config, run_tool
from nightgen.utils.images import read_image, write_image
from nightgen.visualization import make_grid

EXAMPLE = '''example:
  python tools/analysis_tools/show_labels.py configs/morngan/nightscape_small.py work_dirs/morngan/iter_800.pth \\
      --out-dir work_dirs/seen --number 4'''
# Of the Cityscapes train ids, as Cityscapes draws them; 255 is black.
COLOURS = np.array([
    (128, 64, 128), (244, 35, 232), (70, 70, 70), (102, 102, 156), (190, 153, 153), (153, 153, 153), (250, 170, 30),
    (220, 220, 0), (107, 142, 35), (152, 251, 152), (70, 130, 180), (220, 20, 60), (255, 0, 0), (0, 0, 142), (0, 0, 70),
    (0, 60, 100), (0, 80, 100), (0, 0, 230), (119, 11, 32)], np.uint8)
NEAREST = 5
SURE = 0.95  # probability from which a label is shown where the config has no threshold


def coloured(label: Tensor | np.ndarray) -> np.ndarray:
    """A label map H,W as a picture H,W,3; what has no class is black."""
    label = np.asarray(label)
    known = label < len(COLOURS)
    return np.where(known[..., None], COLOURS[np.where(known, label, 0)], 0).astype(np.uint8)


def picture(image: Tensor) -> np.ndarray:
    """C,H,W in [-1, 1] as H,W,3 in 0 to 255."""
    return ((image.clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()


def samples(model: MornGANTranslator, dataset: UnpairedDataset, number: int) -> Iterator[Tensors]:
    """The named tensors of some training samples, with the networks frozen: at the size of the images."""
    model.progress = lambda: (sys.maxsize, sys.maxsize)
    for index in range(number):
        inputs = {name: [value] for name, value in dataset[index % len(dataset)]['inputs'].items()}
        yield Tensors(model.produce, model.data_preprocessor(dict(inputs=inputs))['inputs'], {})


def label_row(model: MornGANTranslator, tensors: Tensors) -> dict[str, np.ndarray]:
    """Pictures of one sample by what they show."""
    day, thermal = 'day', model.other_domain('day')
    row = {}
    for domain in (day, thermal):
        image = tensors[f'real_{domain}']
        row[domain] = picture(image[0])
        if f'label_{domain}' in model.inputs:
            given = tensors[f'label_{domain}']
            labels = {'label': given, 'denoised': SemanticDenoising('day')(given, image)}
        else:
            threshold = next((module.settings['threshold'] for name, module in model.extra_tensors.items()
                              if isinstance(module, DistilledLabel) and name.endswith(f'label_{domain}')), SURE)
            labels = {f'sure of {domain}': confident_label(tensors[f'logits_{domain}'], threshold)}
        labels.update({name: tensors[name] for name in model.extra_tensors if name.endswith(f'label_{domain}')})
        row.update({name: coloured(label[0]) for name, label in labels.items()})
    return {**row, 'translation': picture(tensors[f'fake_{day}'][0])}


def nearest_rows(rule: MemoryGuidedPairing, label: np.ndarray) -> list[tuple[float, int]]:
    """(similarity, place in the memory) of the rows most like a label map, best first; none without a rare class."""
    vector = distribution_vector(class_counts(label, rule.classes))
    if not vector.any() or not rule.rows:
        return []
    similarity = rule.vectors @ vector
    return [(float(similarity[place]), int(place)) for place in np.argsort(-similarity, kind='stable')[:NEAREST]]


def memory_row(rule: MemoryGuidedPairing, dataset: UnpairedDataset, day: np.ndarray, label: np.ndarray) -> list:
    """A day, its label map, and the remembered windows, each with its similarity."""
    row: list[np.ndarray | None] = [day, coloured(label)]
    for _, place in nearest_rows(rule, label):
        index, (top, left, height, width) = rule.rows[place].index, rule.rows[place].crop_box
        image = read_image(dataset.datasets[rule.memory].get_data_info(index)['img_path'])
        row.append(image[top:top + height, left:left + width])
    return [*row, *[None] * (2 + NEAREST - len(row))]


def response_maps(loss: AdaptiveCollaborativeAttentionLoss, reads: dict[str, Tensor]) -> dict[str, tuple]:
    """For each group of classes that both label maps have, the real and the translation's responses h,w in [0, 1].

    A response is a cell's best cosine to the clusters of the real image's cells of the group; 0 in other cells.
    """
    maps, clusters = {}, loss.settings['num_clusters']
    features = [reads[f'{kind}_features'][0].flatten(1).T for kind in ('real', 'fake')]
    size = reads['real_features'].shape[-2:]
    labels = [F.interpolate(reads[f'{kind}_label'][:1, None].float(), size, mode='nearest').flatten().long()
              for kind in ('real', 'fake')]
    for group in loss.settings['groups']:
        inside = [torch.isin(label, torch.tensor(group)) for label in labels]
        if min(int(mask.sum()) for mask in inside) <= clusters:
            continue
        rows = features[0][inside[0]]
        order = torch.randperm(len(rows))
        directions = F.normalize(cosine_k_means(rows, torch.ones(len(rows), dtype=torch.bool), rows[order[:clusters]],
                                                order), dim=1)
        maps['+'.join(CITYSCAPES_CLASSES[number] for number in group)] = tuple(
            torch.where(mask, (F.normalize(part, dim=1) @ directions.T).amax(dim=1), 0.0).clamp(0, 1).view(size).numpy()
            for part, mask in zip(features, inside, strict=True))
    return maps


def attention_rows(model: MornGANTranslator, tensors: Tensors) -> list[tuple[str, list[np.ndarray]]]:
    """(group, day and its responses, translation and its responses) for the groups of a sample."""
    term = next((term for term in model.losses if isinstance(term.loss, AdaptiveCollaborativeAttentionLoss)), None)
    if term is None:
        return []
    maps = response_maps(term.loss, {argument: tensors[name] for argument, name in term.reads.items()})
    day, fake = (picture(tensors[f'{kind}_day'][0]) for kind in ('real', 'fake'))
    return [(group, [day, _grown(real, day), fake, _grown(made, fake)]) for group, (real, made) in maps.items()]


def _grown(values: np.ndarray, like: np.ndarray) -> np.ndarray:
    grown = F.interpolate(torch.from_numpy(values)[None, None], like.shape[:2], mode='nearest')[0, 0]
    return (grown * 255).round().byte().numpy()


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLE,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config of a MornGANTranslator: MornGAN, its ablations, DlamGAN')
    parser.add_argument('checkpoint', help='its checkpoint')
    parser.add_argument('--out-dir', type=Path, default=Path('work_dirs/seen'), help='default: %(default)s')
    parser.add_argument('--number', type=int, default=4, help='samples (default: %(default)s)')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--cfg-options', nargs='+', action=ConfigOptions,
                        help='settings in place of those of the config')
    return parser.parse_args(argv)


@torch.no_grad()
def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    if args.number < 1:
        raise UsageError('--number must be at least 1')
    cfg = load_config(args.config, args.cfg_options)
    init_default_scope('nightgen')
    model, dataset = init_model(cfg, args.checkpoint), DATASETS.build(cfg.train_dataloader.dataset)
    if not isinstance(model, MornGANTranslator) or 'label_day' not in model.inputs:
        raise UsageError(f'{args.config} trains a {type(model).__name__} on {model.inputs}; what is shown here are the '
                         'labels of a MornGANTranslator that reads label_day')
    dataset.full_init()
    torch.manual_seed(args.seed)
    np.random.seed(args.seed)
    rule = dataset.pairing if isinstance(dataset.pairing, MemoryGuidedPairing) else None
    for state in (load_checkpoint(args.checkpoint).get('shared_run_state') or {}).values() if rule else ():
        if 'rows' in state:
            rule.load_shared_run_state(state)
    labels, memory, attention = [], [], []
    for tensors in samples(model, dataset, args.number):
        labels.append(label_row(model, tensors))
        if rule and rule.rows:
            memory.append(memory_row(rule, dataset, labels[-1]['day'], tensors['label_day'][0].numpy()))
        attention += attention_rows(model, tensors)
    files = {'labels.png': ([list(row.values()) for row in labels], list(labels[0]), ()),
             'memory.png': (memory, ('day', 'label', *(f'nearest {place + 1}' for place in range(NEAREST))), ()),
             'attention.png': ([row for _, row in attention], ('day', 'responses', 'translation', 'responses'),
                               [group for group, _ in attention])}
    why = {'memory.png': 'the config has no memory' if rule is None else 'the memory is empty',
           'attention.png': 'no sample has cells of one group in both of its label maps'}
    for name, (rows, titles, names) in files.items():
        if rows:
            write_image(str(args.out_dir / name), make_grid(rows, titles, labels=names))
        print(f'{args.out_dir / name}' if rows else f'no {name}: {why[name]}')
    return 0


if __name__ == '__main__':
    run_tool(lambda: main(sys.argv[1:]), OSError, ValueError, CheckpointError)
