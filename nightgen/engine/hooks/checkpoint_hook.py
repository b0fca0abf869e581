"""Checkpoints that resume exactly, load without running code, and are never half-written."""

import logging
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from mmengine.dist import is_main_process
from mmengine.fileio import LocalBackend
from mmengine.hooks import CheckpointHook
from mmengine.logging import print_log
from mmengine.runner import BaseLoop, Runner
from torch import nn

from nightgen.checkpoint import (
    INFERENCE_ONLY,
    JUDGES,
    SHOWN_KEYS,
    check_weights,
    not_finite,
    use_safe_loading,
    verify_checkpoint,
    weights_of,
)
from nightgen.engine.optimizers import broadcast_buffers
from nightgen.registry import HOOKS
from nightgen.utils.errors import FULL_DISK
from nightgen.utils.files import whole_file, write_text
from nightgen.utils.plain import restore_history, to_plain
from nightgen.utils.rng import capture_rng, restore_rng

from ..work_folder import go_on_from
from .finite_loss_hook import NotFiniteError
from .resume_settings import check_resume
from .run_state import (
    bare_model,
    gather_run_state,
    load_for_other_world,
    load_run_state,
    load_shared_run_state,
    reseed,
    shared_run_state,
)

RUN_KEY = 'nightgen'
_FUNCTIONS = (FunctionType, MethodType, BuiltinFunctionType)


@HOOKS.register_module()
class ResumableCheckpointHook(CheckpointHook):
    """mmengine's checkpoint hook, made exact and safe.

    - Beside weights, optimizers and schedules a checkpoint holds, for every process, the states of the random
      generators, the run state of every module that has ``run_state()`` and ``load_run_state(state)`` (pools),
      the pending gradients of an open accumulation window and the loss scale, under ``run_state[rank]``; state of the
      run (``shared_run_state()``, memories) once, under ``shared_run_state``; and the place in the data. A run of ten
      iterations equals one of five that is resumed for five more, bit for bit on a CPU. Validation leaves training's
      random generators as it found them.
    - Everything in the file is plain and loads under ``weights_only=True``; a value that cannot be made so raises,
      naming its key.
    - A file is written beside its final name, flushed to the disk, read back and then renamed; only then is
      ``last_checkpoint`` renamed into place and older checkpoints pruned. A full disk or a killed process leaves the
      last good checkpoint and its mark. The best checkpoint is replaced the same way.
    - Weights that are not finite are not saved (``NotFiniteError``).
    - A checkpoint of another network is refused (``strict``), but one that was published for inference need not have
      the discriminators, which then start anew. So is a resume with another learning rate, betas or
      schedule, which the checkpoint would be put over, unless ``new_schedule``; what else differs is listed.

    With another number of processes a resume carries over what it can and lists the rest in a warning. Gradients of an
    open accumulation window cannot be carried to other processes: that is an error unless ``drop_pending_gradients``.

    Args:
        interval, by_epoch, max_keep_ckpts, save_best, rule ...: As in ``CheckpointHook``, but ``by_epoch=False``.
        strict: Every key and shape of a loaded checkpoint must be the model's. False loads what fits, as mmengine does.
        drop_pending_gradients: Give up an open accumulation window when resuming with another number of processes.
        new_schedule: A resumed run takes learning rates, betas and schedules from the config, as they would stand after
            as many iterations, in place of the checkpoint's.
    """

    priority = 'LOWEST'  # makes plain what the other hooks added

    def __init__(self, interval: int = -1, by_epoch: bool = False, *, strict: bool = True,
                 drop_pending_gradients: bool = False, new_schedule: bool = False, **kwargs):
        super().__init__(interval, by_epoch, **kwargs)
        use_safe_loading()
        self.strict = strict
        self.drop_pending_gradients = drop_pending_gradients
        self.new_schedule = new_schedule
        self._loaded: dict | None = None
        self._restore: dict | None = None  # random states to set when the data workers run
        self._train_rng: dict | None = None  # those of training while a validation runs
        self._gathered: dict | None = None
        self._training = False

    # Loading

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Check the weights, rebuild the history buffers, and keep what is put back when training begins."""
        if self.strict:
            self._check_weights(bare_model(runner), checkpoint)
        if runner._resume and isinstance(runner._train_loop, BaseLoop):
            check_resume(runner, checkpoint, self.new_schedule)
        hub = checkpoint.get('message_hub')
        if isinstance(hub, dict) and 'log_scalars' in hub:
            hub['log_scalars'] = restore_history(hub['log_scalars'])
        meta = checkpoint.get('meta', {})
        if isinstance(runner._train_loop, BaseLoop):
            # mmengine compares pickles, which differ between a list and a tuple, or two equal strings
            current = getattr(runner.train_dataloader.dataset, 'metainfo', None)
            if 'dataset_meta' in meta and to_plain(current) == meta['dataset_meta']:
                meta['dataset_meta'] = current
        self._loaded = dict(run=meta.get(RUN_KEY), iter=meta.get('iter'), run_state=checkpoint.get('run_state'),
                            shared=checkpoint.get('shared_run_state') or {})

    @staticmethod
    def _check_weights(model: nn.Module, checkpoint: dict) -> None:
        """Refuse the weights of another network; those published for inference may leave out the discriminators."""
        state = weights_of(checkpoint, use_ema=False)
        if (checkpoint.get('meta') or {}).get(INFERENCE_ONLY):
            judges = {key: value for key, value in model.state_dict().items() if key.startswith(JUDGES)}
            state = {**judges, **state}
            print_log('load_from: these weights were published for inference, without discriminators, which start anew',
                      'current')
        check_weights(model, checkpoint, state)

    def before_train(self, runner: Runner) -> None:
        super().before_train(runner)
        self._training = True
        if is_main_process() and isinstance(self.file_backend, LocalBackend):
            for leftover in Path(self.out_dir).glob('.*.pth.*.partial'):  # of a process that was killed while writing
                leftover.unlink()
        loaded, self._loaded = self._loaded, None
        if loaded is not None and runner.iter > 0 and loaded['iter'] == runner.iter:
            self._resume(runner, loaded)

    def _resume(self, runner: Runner, loaded: dict) -> None:
        run, states = loaded['run'], loaded['run_state']
        if not run or not states:
            print_log('resume: the checkpoint holds no run state (random generators, image pools, place in the data); '
                      'the run goes on, but not exactly as if it had never stopped', 'current', logging.WARNING)
            return
        self._resume_data(runner, run, loaded['iter'])
        load_shared_run_state(runner, loaded['shared'])
        if run['world_size'] == runner.world_size:
            load_run_state(runner, states[runner.rank])
            self._restore = states[runner.rank]['rng']
        else:
            load_for_other_world(runner, states, self.drop_pending_gradients)
            reseed(runner)
            self._restore = capture_rng()

    @staticmethod
    def _resume_data(runner: Runner, run: dict, iteration: int) -> None:
        loop, sampler = runner.train_loop, _sampler(runner)
        if hasattr(loop, 'known_draws') and 'draws' in run:
            loop.known_draws(iteration, run['draws'])
        if run['sampler_seed'] is not None and getattr(sampler, 'seed', None) != run['sampler_seed']:
            print_log(f"resume: the data order goes on with the checkpoint's seed {run['sampler_seed']}", 'current')
            sampler.seed = run['sampler_seed']
        size = len(loop.dataloader.dataset)
        if size != run['dataset_size']:
            print_log(f'resume: the training set had {run["dataset_size"]} samples and has {size} now; its order is '
                      'another', 'current', logging.WARNING)

    def after_data_start(self, runner: Runner) -> None:
        """Called by ``ResumableTrainLoop`` when its data workers run."""
        self._restore_rng()

    def before_train_epoch(self, runner: Runner) -> None:
        # An epoch of a stock loop begins with a start of the workers, which draws a random number, unless they persist.
        if not hasattr(runner.train_loop, 'known_draws') and not runner.train_dataloader.persistent_workers:
            self._restore_rng()

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: Any = None) -> None:
        self._restore_rng()

    def _restore_rng(self) -> None:
        if self._restore is not None:
            restore_rng(self._restore)
            self._restore = None

    # Validation draws random numbers for its workers, and a resumed run does not repeat it

    def before_val(self, runner: Runner) -> None:
        if self._training:
            self._train_rng = capture_rng()
            broadcast_buffers(bare_model(runner))

    def after_val(self, runner: Runner) -> None:
        if self._train_rng is not None:
            restore_rng(self._train_rng)
            self._train_rng = None

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        if self._training:  # a validation by itself saves nothing
            super().after_val_epoch(runner, metrics)

    def after_train(self, runner: Runner) -> None:
        self._training = False
        super().after_train(runner)

    # Saving

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Add the run state and make everything plain."""
        if self._gathered is None and runner.world_size == 1 and 'optimizer' in checkpoint:
            self._gathered = gather_run_state(runner, self._train_rng)  # saved by someone else than this hook
        if self._gathered is not None:
            checkpoint['run_state'] = self._gathered
            checkpoint['shared_run_state'] = shared_run_state(runner)
            checkpoint['meta'][RUN_KEY] = self._run_facts(runner, checkpoint['meta']['iter'])
            self._gathered = None
        for schedulers in _scheduler_lists(checkpoint.get('param_schedulers', [])):
            for index, state in enumerate(schedulers):  # functions come back from the config
                schedulers[index] = {key: v for key, v in state.items() if not isinstance(v, _FUNCTIONS)}
        for key in list(checkpoint):
            checkpoint[key] = to_plain(checkpoint[key], key)

    @staticmethod
    def _run_facts(runner: Runner, iteration: int) -> dict:
        loop = runner.train_loop
        facts = dict(world_size=runner.world_size, sampler_seed=getattr(_sampler(runner), 'seed', None),
                     dataset_size=len(loop.dataloader.dataset))
        if hasattr(loop, 'draws_at'):
            facts['draws'] = loop.draws_at(iteration)
        return facts

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        outdated = []
        if self.max_keep_ckpts > 0 and step not in self.keep_ckpt_ids:
            if len(self.keep_ckpt_ids) == self.max_keep_ckpts:
                outdated.append(self.keep_ckpt_ids[0])
            self.keep_ckpt_ids.append(step)  # a deque of limited length: the oldest goes
            runner.message_hub.update_info('keep_ckpt_ids', list(self.keep_ckpt_ids))
        filename = self.filename_tmpl.format(step)
        self.last_ckpt = self.file_backend.join_path(self.out_dir, filename)
        runner.message_hub.update_info('last_ckpt', self.last_ckpt)
        self._gathered = gather_run_state(runner, self._train_rng)
        self._write(runner, filename, meta, save_optimizer=self.save_optimizer,
                    save_param_scheduler=self.save_param_scheduler, by_epoch=self.by_epoch, **self.args)
        if is_main_process():
            write_text(Path(runner.work_dir) / 'last_checkpoint', str(self.last_ckpt))
            for old in outdated:
                self._remove(self.file_backend.join_path(self.out_dir, self.filename_tmpl.format(old)))

    def _save_best_checkpoint(self, runner: Runner, metrics: dict) -> None:
        if not self.save_best:
            return
        if 'auto' in self.key_indicators:
            self._init_rule(self.rules, [next(iter(metrics))])
        step = runner.epoch if self.by_epoch else runner.iter
        meta = dict(epoch=runner.epoch, iter=runner.iter)
        improved = False
        for key, rule in zip(self.key_indicators, self.rules, strict=True):
            if key not in metrics:
                raise KeyError(f'save_best={key!r}: the evaluator gives {sorted(metrics)}')
            suffix = '' if len(self.key_indicators) == 1 else f'_{key}'
            best = runner.message_hub.get_info(f'best_score{suffix}', self.init_value_map[rule])
            score = float(metrics[key])
            if not self.is_better_than[key](score, best):
                continue
            improved = True
            self._replace_best(runner, key, suffix, score, step, dict(meta))
        if improved and self.last_ckpt is not None:
            self._save_checkpoint_with_step(runner, step, meta)  # so that a resume knows the best score

    def _replace_best(self, runner: Runner, key: str, suffix: str, score: float, step: int, meta: dict) -> None:
        previous = runner.message_hub.get_info(f'best_ckpt{suffix}')
        filename = f'best_{key}_{self.filename_tmpl.format(step)}'.replace('/', '_')
        path = self.file_backend.join_path(self.out_dir, filename)
        if suffix:
            self.best_ckpt_path_dict[key] = path
        else:
            self.best_ckpt_path = path
        runner.message_hub.update_info(f'best_score{suffix}', score)
        runner.message_hub.update_info(f'best_ckpt{suffix}', path)
        self._write(runner, filename, meta, save_optimizer=False, save_param_scheduler=False, by_epoch=False)
        if previous and previous != path and is_main_process():
            self._remove(previous)
        unit = 'epoch' if self.by_epoch else 'iter'
        runner.logger.info(f'The best checkpoint with {score:0.4f} {key} at {unit} {step} is saved to {filename}.')

    def _remove(self, path: str) -> None:
        if self.file_backend.isfile(path):
            self.file_backend.remove(path)

    def _write(self, runner: Runner, filename: str, meta: dict, **kwargs) -> None:
        """Save under a temporary name, read back, flush, rename; backends beside the local disk put whole objects."""
        broadcast_buffers(bare_model(runner))
        spoilt = not_finite(bare_model(runner).state_dict())
        if spoilt:
            raise NotFiniteError(
                f'checkpoint {filename} is not written: {len(spoilt)} weights hold NaN or infinite numbers, '
                f'{", ".join(spoilt[:SHOWN_KEYS])}{", ..." if len(spoilt) > SHOWN_KEYS else ""}; '
                f'{go_on_from(runner.work_dir)}')

        def save(name: str) -> None:
            runner.save_checkpoint(self.out_dir, name, self.file_client_args, meta=meta,
                                   backend_args=self.backend_args, **kwargs)

        target = Path(self.out_dir) / filename
        try:
            if not isinstance(self.file_backend, LocalBackend) or not is_main_process():
                save(filename)  # which writes nothing on other processes
                return
            with whole_file(target) as partial:
                save(partial.name)
                verify_checkpoint(partial)
        except OSError as error:
            raise _explain_write(error, target) from error


def _sampler(runner: Runner) -> Any:
    loader = runner.train_dataloader
    return loader.sampler if loader.batch_size is not None else loader.batch_sampler.sampler


def _scheduler_lists(schedulers: list | dict) -> list[list[dict]]:
    return list(schedulers.values()) if isinstance(schedulers, dict) else [schedulers]


def _explain_write(error: OSError, path: Path) -> OSError:
    full = error.errno in FULL_DISK
    what = 'the disk is full' if full else (error.strerror or str(error))
    return OSError(error.errno, f'cannot write checkpoint {path}: {what}. The last good checkpoint is untouched; '
                                f'{"free some space" if full else "fix that"} and go on with --resume')
