"""Measures a folder of images that any program made: the same numbers as ``tools/test.py`` gives of a model.

Files are matched by name (the path inside the folder, without the ending). Metrics and what they need:

    psnr ssim chroma                    --truth
    perceptual                          --truth, and --vgg FILE or --efficientnet
    lpips                               --truth, and --lpips FILE FILE
    apce                                --source
    colourfulness                       nothing
    histogram                           --truth, or --real
    fid kid                             --real (or --truth), and --inception FILE, --efficientnet or --seg-expert
    segmentation                        --labels and --seg-expert
    detection                           --boxes and --det-expert

    python tools/analysis_tools/evaluate_folder.py results/images --source data/flir/test/thermal --metrics apce
    python tools/analysis_tools/evaluate_folder.py results/images --truth data/nightscape/test/day \\
        --labels data/nightscape/test/label --seg-expert CONFIG CHECKPOINT --metrics psnr segmentation --json a.json

An expert is a config and a checkpoint of mmseg or mmdet, one of configs/_base_/experts (nightgen::_base_/experts/...),
or a folder of label maps (a file of boxes) made elsewhere.
``--config`` takes the metrics of a config's test_evaluator instead of ``--metrics``.
"""

import argparse
import json
import math
from collections.abc import Callable
from pathlib import Path

from mmengine.config import Config
from mmengine.registry import init_default_scope

from nightgen.apis.folder_evaluation import FolderSamples, evaluate_samples
from nightgen.checkpoint import CheckpointError
from nightgen.datasets.nightscape import rendered_name
from nightgen.evaluation import metric_details, metric_table, plain_numbers
from nightgen.evaluation.functional import RULES
from nightgen.registry import METRICS
from nightgen.utils.cli import CONFIG_HELP, ConfigOptions, UsageError, command_line, load_config, run_tool
from nightgen.utils.files import write_text
from nightgen.utils.progress import ProgressBar
from nightgen.utils.ranges import RANGE_HELP, checked_range


def parse_args(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('generated', help='folder of the images to measure')
    parser.add_argument('--source', help='folder of the images that they were translated from')
    parser.add_argument('--source-range', default='full',
                        help=f'range with which the sources were translated: {RANGE_HELP}')
    parser.add_argument('--truth', help='folder of the true images, matched by name')
    parser.add_argument('--real', help='folder of real images to compare the distribution with; any names and number')
    parser.add_argument('--labels', help='folder of label maps, <name>.png, train ids')
    parser.add_argument('--boxes', help='COCO file of true boxes')
    parser.add_argument('--metrics', nargs='+', choices=sorted(BUILDERS), metavar='NAME', default=[],
                        help='one or more of ' + ' '.join(sorted(BUILDERS)))
    parser.add_argument('--config', help=f"take the metrics of a config's test_evaluator instead: {CONFIG_HELP}")
    parser.add_argument('--cfg-options', nargs='+', action=ConfigOptions, metavar='KEY=VALUE',
                        help='settings of --config: data_root=elsewhere')
    parser.add_argument('--seg-expert', nargs='+', metavar='CFG CKPT',
                        help='segmentor, expert file, or folder of label maps')
    parser.add_argument('--det-expert', nargs='+', metavar='CFG CKPT', help='detector, expert file, or file of boxes')
    parser.add_argument('--seg-class-map', help='from its classes to train ids (of a config: cityscapes)')
    parser.add_argument('--det-class-map', help='from its classes, or from the categories in a file of boxes, to train '
                        'ids (of a config or a file of boxes: coco)')
    parser.add_argument('--box-class-map', default='cityscapes', help='from the categories in --boxes to train ids')
    parser.add_argument('--classes', nargs='+', help='classes of the segmentation mean, e.g. road "traffic sign"')
    parser.add_argument('--small-classes', nargs='+', default=[], help='classes of a second segmentation mean')
    parser.add_argument('--rider', choices=('apart', 'person'), default='apart', help='whether riders count as persons')
    parser.add_argument('--det-classes', nargs='+', help='classes of the detection mean')
    parser.add_argument('--ap-rule', choices=RULES, default='101', help='how the area under a curve is taken')
    parser.add_argument('--inception', metavar='FILE', help='weights of the FID Inception')
    parser.add_argument('--inception-sha256', metavar='HEX',
                        help='SHA-256 of that file, if it is not the published one')
    parser.add_argument('--resize', choices=('bilinear', 'clean'), default='bilinear',
                        help='how images are resized for the FID Inception')
    parser.add_argument('--efficientnet', action='store_true',
                        help='EfficientNet-Lite0 for fid and kid (which are named FD and KD then) and for perceptual')
    parser.add_argument('--vgg', metavar='FILE', help='weights of VGG19 for perceptual')
    parser.add_argument('--vgg-preprocess', choices=('caffe', 'torch'), default='caffe',
                        help='how images are normalised for VGG19')
    parser.add_argument('--lpips', nargs=2, metavar=('NETWORK', 'LINEAR'), help='the two weight files of LPIPS')
    parser.add_argument('--lpips-net', choices=('alex', 'vgg'), default='alex')
    parser.add_argument('--stretch', action='store_true', help='min-max stretch every image first, as MornGAN does')
    parser.add_argument('--cache', metavar='DIR', help='folder for the statistics of --real, which a second run reuses')
    parser.add_argument('--batch-size', type=int, default=8)
    parser.add_argument('--name', help='name of the row in the table; default: the folder')
    parser.add_argument('--json', metavar='OUT', help='file for the numbers and their settings')
    return parser.parse_args(arguments)


def needed(args: argparse.Namespace, metric: str, *options: str) -> None:
    """Raises UsageError if a metric lacks what it needs."""
    missing = [f'--{option.replace("_", "-")}' for option in options if not getattr(args, option)]
    if missing:
        raise UsageError(f'{metric} needs {" and ".join(missing)}')


def expert(args: argparse.Namespace, kind: str) -> dict:
    """Config of the segmentation or detection expert."""
    from nightgen.models.experts import expert_config  # only here: it brings the networks
    short, usual = dict(segmentation=('seg', 'cityscapes'), detection=('det', 'coco'))[kind]
    values, class_map = getattr(args, f'{short}_expert'), getattr(args, f'{short}_class_map')
    if len(values) > 2:
        raise UsageError(f'--{short}-expert takes a config and a checkpoint, or one expert file, folder or file of '
                         f'boxes, got {" ".join(values)}')
    if class_map is not None and kind == 'segmentation' and Path(values[0]).is_dir():
        raise UsageError('--seg-class-map: a folder of label maps holds train ids')
    if class_map is None and (len(values) == 2 or values[0].endswith('.json')):
        class_map = usual
    return expert_config(values[0], kind, *values[1:], class_map=class_map)


def real_set(args: argparse.Namespace, metric: str) -> dict | str:
    """The real pictures of a distance."""
    if args.real:
        return dict(type='ImageFolderDataset', data_prefix=dict(img=args.real))
    if args.truth:
        return 'truth'
    raise UsageError(f'{metric} needs --real or --truth')


def distance(args: argparse.Namespace, metric: str, kind: str) -> dict:
    """Config of a distance of sets."""
    if args.inception and args.efficientnet:
        raise UsageError(f'{metric}: give --inception or --efficientnet, not both')
    if args.inception:
        extractor = dict(type='InceptionFeatures', weights=args.inception, resize=args.resize)
        if args.inception_sha256:
            extractor['sha256'] = args.inception_sha256
    elif args.efficientnet:
        extractor = dict(type='EfficientNetFeatures')
    elif args.seg_expert and not Path(args.seg_expert[0]).is_dir():
        extractor = dict(type='SegmentorFeatures', expert=expert(args, 'segmentation'))
    else:
        raise UsageError(f'{metric} needs --inception FILE, or --efficientnet or --seg-expert CONFIG CHECKPOINT for a '
                         'distance on other features (which is no FID, and is named after them); no network is chosen '
                         'for you')
    return dict(type=kind, extractor=extractor, real=real_set(args, metric), cache_dir=args.cache)


def _of_truth(kind: str) -> Callable[[argparse.Namespace, str], dict]:
    def build(args: argparse.Namespace, metric: str) -> dict:
        needed(args, metric, 'truth')
        return dict(type=kind)
    return build


def _apce(args: argparse.Namespace, metric: str) -> dict:
    needed(args, metric, 'source')
    return dict(type='APCE')


def _segmentation(args: argparse.Namespace, metric: str) -> dict:
    needed(args, metric, 'labels', 'seg_expert')
    return dict(type='SegmentationConsistency', expert=expert(args, 'segmentation'), classes=args.classes,
                small=args.small_classes, rider=args.rider)


def _detection(args: argparse.Namespace, metric: str) -> dict:
    needed(args, metric, 'boxes', 'det_expert')
    return dict(type='DetectionConsistency', expert=expert(args, 'detection'), classes=args.det_classes,
                rule=args.ap_rule)


def _perceptual(args: argparse.Namespace, metric: str) -> dict:
    needed(args, metric, 'truth')
    if bool(args.vgg) == args.efficientnet:
        raise UsageError(f'{metric} needs --vgg FILE or --efficientnet, and not both')
    if args.efficientnet:
        return dict(type='PerceptualDistance', network=dict(type='EfficientNetFeatures'))
    return dict(type='PerceptualDistance', weights=args.vgg, preprocess=args.vgg_preprocess)


def _lpips(args: argparse.Namespace, metric: str) -> dict:
    needed(args, metric, 'truth', 'lpips')
    return dict(type='LPIPS', weights=args.lpips[0], linear_weights=args.lpips[1], net=args.lpips_net)


BUILDERS: dict[str, Callable[[argparse.Namespace, str], dict]] = dict(
    psnr=_of_truth('PSNR'), ssim=_of_truth('SSIM'), chroma=_of_truth('ChromaError'), apce=_apce,
    colourfulness=lambda args, metric: dict(type='Colourfulness'),
    histogram=lambda args, metric: dict(type='ChromaHistogram', real=real_set(args, metric)),
    fid=lambda args, metric: distance(args, metric, 'FrechetInceptionDistance'),
    kid=lambda args, metric: distance(args, metric, 'KernelInceptionDistance'),
    segmentation=_segmentation, detection=_detection, perceptual=_perceptual, lpips=_lpips)


def metric_configs(args: argparse.Namespace) -> tuple[list[dict], dict]:
    """Configs of the metrics that the command line asks for, and what ``data_root='auto'`` in them stands for.

    Raises:
        UsageError: None, or one that lacks what it needs.
    """
    if bool(args.metrics) == bool(args.config):
        raise UsageError('give --metrics, or --config for those of a config')
    if args.efficientnet and not {'fid', 'kid', 'perceptual'} & set(args.metrics):
        raise UsageError('--efficientnet is for fid, kid and perceptual of --metrics, none of which is asked for')
    if args.cfg_options and not args.config:
        raise UsageError('--cfg-options are of --config, which is not given')
    if args.config:
        cfg = load_config(args.config, args.cfg_options)
        found, meta = cfg.get('test_evaluator'), dict(data_root=cfg.get('data_root'))
        if not found:
            raise UsageError(f'config {args.config} has no test_evaluator')
        configs = [dict(config) for config in (found if isinstance(found, (list, tuple)) else [found])]
    else:
        configs, meta = [BUILDERS[name](args, name) for name in dict.fromkeys(args.metrics)], {}
    return [dict(type='StretchedOutput', metrics=configs)] if args.stretch else configs, meta


def main() -> None:
    args = parse_args()
    init_default_scope('nightgen')
    if args.source_range != 'full' and not args.source:
        raise UsageError('--source-range is of --source')
    configs, meta = metric_configs(args)
    samples = FolderSamples(args.generated, args.source, args.truth, args.labels, args.boxes, args.box_class_map,
                            checked_range(args.source_range))
    metrics = [METRICS.build(config) for config in configs]
    for metric in metrics:
        metric.dataset_meta = meta
    bar = ProgressBar('measuring', len(samples))
    numbers = evaluate_samples(metrics, samples, args.batch_size, bar.update)
    bar.close()
    name = args.name or str(args.generated)
    data = next((found for folder in (args.truth, args.labels, args.source, args.generated) if folder
                 and (found := rendered_name(folder))), None)
    print(f'\n{metric_table(numbers, name, data or "")}\n\n{len(samples)} images of {args.generated}')
    if samples.left_over:
        print(f'{len(samples.left_over)} sources or truths have no output and were left out: '
              f'{", ".join(samples.left_over[:5])}{", ..." if len(samples.left_over) > 5 else ""}')
    if args.json:
        content = dict(name=name, data=data, folder=str(Path(args.generated).resolve()), pictures=len(samples),
                       left_over=samples.left_over, command=command_line(),
                       metrics=plain_numbers({key: float(value) for key, value in numbers.items()}),
                       details=metric_details(metrics),
                       configs=plain_numbers(Config(dict(all=configs)).to_dict()['all']))
        write_text(args.json, json.dumps(content, indent=2, default=str) + '\n')
        print(f'written to {args.json}')
    if all(math.isnan(value) for value in numbers.values()):
        raise UsageError('every number is NaN: nothing could be measured')


if __name__ == '__main__':
    run_tool(main, FileNotFoundError, ValueError, ImportError, CheckpointError)
