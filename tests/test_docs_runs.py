"""Every command of README, CONTRIBUTING, docs and configs/*/README.md runs, in this process, on small data.

The words of a command stay as the page has them; what shortens it is added behind them: options that the tool documents
(one iteration, an eighth of the channels, small crops, few images; see SMALLER and `shorter_run`). Commands that differ
only in seeds and names of folders run once; so do trainings of variants of one config (tests/test_configs.py builds
each of them) and tests with the same metrics; see `what_it_does`. A page's commands run in its order, in one folder
with the data of page_world.py. Checkpoints get the names that the whole trainings would give them.

What is not run is in ELSEWHERE, with the test that does it, or in NOT_RUN, with the reason.
"""

import inspect
import re
import shutil
import sys
from collections.abc import Callable
from glob import glob
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from nightgen.apis import init_model
from nightgen.apis.user_study import CRITERIA, UserStudy
from nightgen.registry import MODELS
from nightgen.utils.cli import default_work_dir, load_config
from nightgen.utils.shipped import config_path
from tests.page_commands import PAGES, ROOT, as_script, commands, page_name
from tests.page_world import CLASSES, first_of_a_list, write_world
from tests.test_tools.test_model_converters.reference_networks import (
    Projection,
    patch_discriminator,
    resnet_generator,
)

ELSEWHERE = {
    'python tools/train.py my_config.py': 'tests/test_docs.py',
    'python tools/train.py dashcam_config.py': 'tests/test_docs.py',
    'tools/dist_train.sh': 'tests/test_tools/test_launch_scripts.py',
    'tools/dist_test.sh': 'tests/test_tools/test_launch_scripts.py',
    'tools/slurm_train.sh': 'tests/test_tools/test_launch_scripts.py',
    'tools/slurm_test.sh': 'tests/test_tools/test_launch_scripts.py',
    'python tools/misc/doctor.py': 'tests/test_tools/test_misc/test_doctor.py',
    # Their experts are downloads.
    'python tools/test.py configs/morngan/flir.py': 'tests/test_morngan_run.py',
    'python tools/test.py configs/morngan/kaist.py': 'tests/test_morngan_run.py',
    'python tools/test.py CONFIG CHECKPOINT --out-dir results --work-dir w --tta flip --show --wait-time 2':
        'tests/test_tools/test_test.py',  # opens a window
    'torchrun ': 'tests/test_distributed',
    'bash tools/misc/setup_env.sh': 'tests/test_tools/test_misc/test_setup_env.py',
    '.ci/checks': 'tests/test_project_files.py',
    'pip ': 'tests/test_packaging.py',
}
NOT_RUN = {
    'bash tools/quickstart.sh': 'sets up and trains for minutes; each of its commands runs in the test of its tool',
    'bash tools/run_tests.sh': 'would run the tests from inside the tests',
    'bash .ci/run': 'would run the tests from inside the tests',
    'git ': 'clones and commits: nothing of nightgen',
    'mkvmerge ': 'a program of another project',
    'pre-commit ': 'a program of another project; its hooks are checked in tests/test_project_files.py',
    'python tools/analysis_tools/benchmark.py training configs/todaygan/flir_tir.py --forms --shape 256 256 --device':
        'needs a GPU; the same forms run on the CPU in tests/test_tools/test_analysis_tools/test_benchmark.py',
}
SMALLER = {
    'tools/dataset_converters/bdd100k_lists.py': ['--train', '2', '--test', '2'],
    'tools/dataset_converters/imagenet_colorization.py': [
        '--classes', str(len(CLASSES)), '--per-class', '1', '--validation', '4'],
    'tools/analysis_tools/benchmark.py': ['--threads', '1'],
    'tools/analysis_tools/browse_dataset.py': ['--number', '1', '--cell', '32'],
    'tools/analysis_tools/map_correction.py': ['--regions', '1'],
    'tools/analysis_tools/show_labels.py': ['--number', '1'],
    'tools/analysis_tools/invariants_and_masks.py': ['--cell', '32'],
}
BENCHMARKS = dict(training=['--iters', '1', '--warmup', '0'], metrics=['--iters', '2', '--shape', '64', '96'],
                  inference=['--repeats', '1', '--shape', '64', '96'], stroke=['--repeats', '1', '--shape', '64', '64'])
# What a page leaves to its reader.
PLACEHOLDERS = {
    'CONFIG': 'configs/n2d_lpnet/nightscape_small.py', 'CHECKPOINT': 'work_dirs/nightscape_small/iter_400.pth',
    'PHOTOS': 'photos', 'LABELS': 'label_maps'}
SEMANTIC = {'CONFIG': 'configs/semantic_colorization/nightscape_small.py'}
OWN = dict(semantic_colorization=SEMANTIC, webapp=SEMANTIC,
           metrics={'CONFIG': 'segmentor.py', 'CHECKPOINT': 'segmentor.pth'})
# Experts whose weights are downloads: Nightscape's own in their place.
DOWNLOADED = re.compile(r'configs/_base_/experts/(?!nightscape)\w+\.py')
# The last word before the options is what they write.
WRITERS = ('tools/translate.py', 'tools/model_converters/publish_model.py', 'tools/dataset_converters/flir.py',
           'tools/dataset_converters/kaist.py', 'tools/dataset_converters/make_reference.py',
           'tools/pseudo_label/edges.py', 'tools/pseudo_label/segment.py', 'tools/pseudo_label/fuse.py',
           'tools/model_converters/reference.py')
# Others run a network as wide as it is.
NARROW = ('tools/train.py', 'tools/test.py')
# Pages that lay their tests side by side at the end.
COMPARING = tuple(f'configs/{name}/README.md' for name in (
    'cgan_colorization', 'dico', 'morngan', 'semantic_colorization', 'todaygan'))
# Networks as the authors of CUT publish them.
PUBLISHED = {
    'generators.day': lambda: resnet_generator(64, 9, True),
    'discriminators.day': lambda: patch_discriminator(64, True),
    'sampler': lambda: Projection((3, 128, 256, 256, 256), 256)}
# Where the small data are smaller than the crops of the configs.
CROP = 128
CROPPED = ('data/nightscape', 'data/nightscape_small', 'data/streets', 'data/flir', 'data/cameras')
pytestmark = [pytest.mark.usefixtures('quick_runners'), pytest.mark.filterwarnings('ignore')]


def write_checkpoint(cfg: Config, path: str) -> None:
    """Weights as they are at the start."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    torch.save(dict(state_dict=init_model(cfg).state_dict(), meta={}), path)


def write_checkpoints(tool: str, config: str, paths: list[str]) -> None:
    """Those that a tool reads, of a config's networks or of narrow ones."""
    for path in paths:
        cfg = load_config(config)
        narrow = [option.split('=') for option in narrowing(cfg.model.to_dict()) if tool in NARROW]
        cfg.merge_from_dict({key: int(value) for key, value in narrow})
        write_checkpoint(cfg, path)


class Visit:
    """In place of waitress' server: somebody opens the page once."""

    effective_port = 8008

    def __init__(self, app: Callable, **options: object):
        self.app = app

    def run(self) -> None:
        assert self.app.test_client().get('/', headers=dict(Host='127.0.0.1:8008')).status_code == 200


@pytest.fixture(scope='module')
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('world')
    write_world(folder)
    return folder


@pytest.fixture
def place(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A reader's folder: the repository's tools and configs, and data."""
    folder = tmp_path / 'place'
    shutil.copytree(world, folder, symlinks=True)
    for name in ('tools', 'configs'):
        (folder / name).symlink_to(ROOT / name)
    monkeypatch.chdir(folder)
    return folder


def narrowing(part: object, path: str = 'model') -> list[str]:
    """``--cfg-options`` for an eighth of the channels of every network that has ``base``."""
    if not isinstance(part, dict):
        return []
    options = [option for key, value in part.items() for option in narrowing(value, f'{path}.{key}')]
    network = MODELS.get(part['type']) if isinstance(part.get('type'), str) else None
    takes = inspect.signature(network).parameters if network else {}
    if 'base' in takes and part['type'] != 'N2DLPNet':  # whose levels take their widths from elsewhere
        for key in ('base', 'groups', *(['in_channels'] if part['type'] == 'ASPPHead' else [])):
            if key in takes:
                options.append(f'{path}.{key}={max(1, part.get(key, takes[key].default) // 8)}')
    return options


def loader_options(name: str, **more: object) -> list[str]:
    return [f'{name}_dataloader.{key}={value}' for key, value in dict(
        num_workers=0, persistent_workers=False, **more).items()]


def shorter_run(tool: str, cfg: Config) -> list[str]:
    """``--cfg-options`` of a training (one iteration or epoch, no validation) or a test (one row above)."""
    expert = cfg.default_scope != 'nightgen'
    options = [] if expert else narrowing(cfg.model.to_dict())
    if cfg.get('data_root') in CROPPED and isinstance(cfg.get('crop_size'), int) and cfg.crop_size > CROP:
        options.append(f'crop_size={CROP}')
    if tool == 'tools/test.py':
        table = cfg.test_evaluator[0] if isinstance(cfg.test_evaluator, list) else {}
        if 'true_day' in table.get('baselines', ()):
            options += ['test_evaluator.0.baselines=[true_day]', 'test_evaluator.0.folders=None']
        return options + loader_options('test')
    length = 'max_epochs' if 'max_epochs' in cfg.train_cfg else 'max_iters'
    return [*options, f'train_cfg.{length}=1', 'param_scheduler=None', *loader_options('train', batch_size=1 + expert),
            'default_hooks.checkpoint.interval=1', 'default_hooks.logger.interval=1', 'val_cfg=None',
            'val_dataloader=None', 'val_evaluator=None']


def behind_options(command: list[str], options: list[str]) -> list[str]:
    """``options`` behind the ``--cfg-options`` that a command has, or as new ones."""
    if '--cfg-options' not in command:
        return [*command, '--cfg-options', *options]
    start = command.index('--cfg-options') + 1
    end = next((i for i in range(start, len(command)) if command[i].startswith('--')), len(command))
    return [*command[:end], *options, *command[end:]]


def name_checkpoint(command: list[str], cfg: Config) -> None:
    """Give the checkpoint of a shortened training the name that the last one of the whole training has."""
    given = command[command.index('--work-dir') + 1] if '--work-dir' in command else None
    folder = Path(default_work_dir(cfg, command[2], given))
    last = Path((folder / 'last_checkpoint').read_text())
    if 'max_iters' in cfg.train_cfg:
        shutil.copyfile(last, folder / f'iter_{cfg.train_cfg.max_iters}.pth')


def family(config: str) -> str:
    """The config of which this one is a variant: ``dico/nightscape_small`` of ``dico/nightscape_small_wo_lci``."""
    path = config_path(config)
    words = path.stem.split('_')
    if 'gridnet' in words:
        return str(path)
    heads = (path.with_stem('_'.join(words[:number])) for number in range(1, len(words) + 1))
    return str(next(head for head in heads if head.is_file() and ('small' in head.stem) == ('small' in words)))


def positionals(command: list[str]) -> list[str]:
    """The words between a tool and its first option."""
    words = command[2:]
    return words[:next((i for i, word in enumerate(words) if word.startswith('--')), len(words))]


def outputs(command: list[str]) -> list[str]:
    """The files and folders that a command says it writes."""
    named = [command[i + 1] for i, word in enumerate(command) if word in ('--out', '--out-dir', '--json')]
    return named + (positionals(command)[-1:] if command[1] in WRITERS else [])


def what_it_does(command: list[str], page: str) -> tuple:
    """What tells a command from others that need not run beside it: not seeds, nor names of folders.

    Nor the variant of a training's config; of a test only the metrics, where the page does not compare its own tests.
    """
    if command[1] not in NARROW or not command[2].endswith('.py'):
        return tuple(re.sub(r'\d+', '0', word) for word in command)
    alike = ('--work-dir', '--out-dir', *(['--resume'] if 'auto' in command else []))  # nothing is there to resume
    flags = {word for word in command if word.startswith('--') and word not in alike}
    settings = {word.split('=')[0] for word in command[3:] if '=' in word and not word.startswith('randomness.seed')}
    subject = command[2]
    if Path(subject).is_absolute() or (ROOT / subject).is_file():
        subject = family(str(ROOT / subject))
        if command[1] == 'tools/test.py':
            judges = ' '.join(re.findall(r'_base_/evaluators/(\w+)', Path(subject).read_text())) or subject
            subject = f'{judges} {page if page in COMPARING else ""}'
    return command[1], subject, frozenset(flags - {'--cfg-options'}), frozenset(settings)


class Reader:
    """Runs a page's commands, having made what a page takes for granted.

    Args:
        load_tool, fresh_state, monkeypatch: The fixtures.
        placeholders: What stands for a page's words in capitals.
    """

    def __init__(self, load_tool: Callable, fresh_state: Callable, monkeypatch: pytest.MonkeyPatch,
                 placeholders: dict[str, str]):
        self.load_tool, self.fresh_state, self.patch, self.placeholders = (
            load_tool, fresh_state, monkeypatch, placeholders)

    def call(self, command: list[str]) -> None:
        """Run a tool in this process; fail on any status but 0."""
        self.fresh_state()
        module = self.load_tool(command[1])
        for user in ('nightgen.datasets.thermal', 'thermal_pictures'):
            if user in sys.modules:
                self.patch.setattr(f'{user}.split_names', first_of_a_list)
        if command[1] == 'tools/webapp/app.py':
            self.patch.setattr('waitress.create_server', Visit)
        self.patch.setattr(sys, 'argv', command[1:])
        try:
            status = module.main()
        except SystemExit as stop:
            status = stop.code
        assert not status, f'{" ".join(command)}: {status}'

    def run(self, command: list[str]) -> None:
        command = [self.placeholders.get(word, DOWNLOADED.sub('nightgen::_base_/experts/nightscape.py', word))
                   for word in command]
        command = [*command[:2], *(match for word in command[2:] for match in (sorted(glob(word)) or [word]))]
        tool, given = command[1], positionals(command)
        self.prepare(tool, command, given)
        short = command
        if tool in NARROW:
            cfg = load_config(given[0])
            short = behind_options(command, shorter_run(tool, cfg))
        elif tool.endswith('/nightscape.py') and '--check' not in command:
            short = [*command, '--size', '160x128', '--train', '4', '--val', '1', '--test', '2', '--workers', '1']
        elif tool.endswith('/benchmark.py'):
            short = [*command, *SMALLER[tool], *BENCHMARKS[given[0]]]
            if given[0] == 'training':
                short = behind_options(short, shorter_run('tools/train.py', load_config(given[1])))
        else:
            short = [*command, *SMALLER.get(tool, ())]
        self.call(short)
        if tool == 'tools/train.py':
            name_checkpoint(command, cfg)
        made = outputs(command)
        assert all(Path(path).exists() for path in made), f'{" ".join(command)} has not written {made}'

    def prepare_weights(self, tool: str, command: list[str], given: list[str]) -> None:
        """The checkpoints that a command reads, where no command before has made them."""
        read = [word for word in given[1:2] if word.endswith('.pth') and not given[0].endswith('.pth')]
        read = [path for path in read if tool not in NARROW or not Path(path).exists()]
        write_checkpoints(tool, command[2], read + re.findall(r'load_from=(\S+\.pth)', ' '.join(command)))
        if '--checkpoint' in command:
            write_checkpoint(load_config(given[0]), command[command.index('--checkpoint') + 1])
        if given and given[0].endswith('.py') and tool != 'tools/misc/print_config.py':
            segmentor = load_config(given[0], any_names=True).get('model', {}).get('segmentor') or {}
            if segmentor.get('type') == 'SegmentationExpert' and not Path(segmentor.checkpoint).exists():
                self.run(['python', 'tools/train.py', segmentor.config])
        if tool == 'tools/model_converters/publish_model.py' and not Path(given[0]).exists():
            write_checkpoint(load_config(PLACEHOLDERS['CONFIG']), given[0])
        if '--resume' in command and 'auto' not in command:
            self.run([word for word in command if word != '--resume'])
        if tool == 'tools/model_converters/reference.py':
            for option in command[command.index('--weights') + 1:]:
                torch.save(PUBLISHED[option.partition('=')[0]]().state_dict(), option.partition('=')[2])

    def prepare(self, tool: str, command: list[str], given: list[str]) -> None:
        """Earlier results and scores; what would keep a command from its work goes."""
        self.prepare_weights(tool, command, given)
        if any(path.startswith('configs/') for path in outputs(command)) and Path('configs').is_symlink():
            Path('configs').unlink()  # the repository's, in which nothing may be written
            shutil.copytree(ROOT / 'configs', 'configs')
        if tool in ('tools/pseudo_label/segment.py', 'tools/pseudo_label/fuse.py'):
            shutil.rmtree(given[-1], ignore_errors=True)
        if tool.endswith('/nightscape.py') and '--check' not in command:
            out = Path(command[command.index('--out') + 1])
            out.unlink() if out.is_symlink() else shutil.rmtree(out, ignore_errors=True)
        if tool == 'tools/analysis_tools/compare.py':
            self.prepare_results([path for path in given if not Path(path).exists()])
        if tool == 'tools/analysis_tools/analyze_logs.py':
            if not Path(given[0]).exists():
                self.run(['python', 'tools/train.py', PLACEHOLDERS['CONFIG'], '--work-dir', given[0]])
            for folder in (path for path in given[1:] if not Path(path).exists()):
                shutil.copytree(given[0], folder)
        if tool == 'tools/analysis_tools/user_study.py':
            study = UserStudy({name: f'results/{name}' for name in ('ours', 'zhang')}, given[0])
            study.score('Ada', 0, [dict.fromkeys(CRITERIA, 50)])

    def prepare_results(self, missing: list[str]) -> None:
        """Results to compare: files of evaluate_folder.py, folders of test.py."""
        for path in missing:
            if path.endswith('.json'):
                self.run(['python', 'tools/analysis_tools/evaluate_folder.py', 'results/images', '--truth',
                          'data/truth', '--metrics', 'psnr', '--json', path])
            else:
                self.run(['python', 'tools/test.py', PLACEHOLDERS['CONFIG'], PLACEHOLDERS['CHECKPOINT'], '--out-dir',
                          path])


@pytest.fixture(scope='module')
def once(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[str, list[str]]]]:
    """By page, its commands as they stand there and as scripts; each kind of command at the first page that has it."""
    seen, found = set(), {}
    for page in PAGES:
        found[page_name(page)] = []
        for command in commands(page, tmp_path_factory.mktemp('empty')):
            script = as_script(command)
            runs = script[0] == 'python' and len(script) > 2
            kind = what_it_does(script, page_name(page)) if runs else tuple(command)
            if kind not in seen:
                seen.add(kind)
                found[page_name(page)].append((' '.join(command), script))
    return found


def is_listed(shown: str, script: list[str]) -> bool:
    shown = re.sub(r'^\S*/(?=pip )', '', shown)
    return shown.startswith((*ELSEWHERE, *NOT_RUN)) or ' '.join(script).startswith((*ELSEWHERE, *NOT_RUN))


@pytest.mark.parametrize('page', PAGES, ids=page_name)
def test_its_commands_run(page: Path, once: dict, place: Path, load_tool: Callable, fresh_state: Callable,
                          monkeypatch: pytest.MonkeyPatch):
    reader = Reader(load_tool, fresh_state, monkeypatch, {**PLACEHOLDERS, **OWN.get(page.stem, {})})
    for shown, script in once[page_name(page)]:
        if not is_listed(shown, script):
            assert script[0] == 'python', f'{shown}: list it in ELSEWHERE or NOT_RUN, or run it'
            reader.run(script)


def test_checkpoints_have_the_names_that_their_trainings_give(tmp_path: Path):
    """Of every test and translation, also of those that do not run: the last iteration of the config."""
    named = {(config, Path(checkpoint).stem) for page in PAGES for _, tool, config, checkpoint, *_ in
             (script for script in map(as_script, commands(page, tmp_path)) if len(script) > 3)
             if tool in (*NARROW, 'tools/translate.py', 'tools/analysis_tools/show_labels.py')
             and checkpoint.startswith('work_dirs/')}
    assert len(named) > 30
    wrong = [(config, stem) for config, stem in sorted(named)
             if stem != f'iter_{load_config(str(ROOT / config)).train_cfg.get("max_iters")}']
    assert not wrong


def test_what_is_not_run_is_there(once: dict):
    """The lists name commands that some page has, and tests that exist."""
    shown = [re.sub(r'^\S*/(?=pip )', '', each) for found in once.values() for command, script in found
             for each in (command, ' '.join(script))]
    assert not [key for key in (*ELSEWHERE, *NOT_RUN) if not any(each.startswith(key) for each in shown)]
    assert not [test for test in ELSEWHERE.values() if not (ROOT / test).exists()]
