"""Checkpoints that a kill cannot spoil, and that load without unpickling objects."""

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.dist import barrier, is_main_process
from mmengine.fileio import LocalBackend, register_backend
from mmengine.hooks import CheckpointHook
from mmengine.logging import HistoryBuffer

from mmpsearch.datasets.synthetic.manifest import MANIFEST
from mmpsearch.errors import DivergedError
from mmpsearch.registry import HOOKS
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.utils.checkpoint import (
    not_finite,
    use_safe_checkpoints,
    uses_safe_checkpoints,
)
from mmpsearch.utils.work_folder import (
    find_latest_checkpoint,
    set_aside_earlier,
    write_pointer,
)

_PLAIN = (str, bytes, int, float, bool, type(None), torch.Tensor, HistoryBuffer)
_DROP = object()
_PATHS = ("last_ckpt", "best_ckpt")  # what MMEngine's message hub calls them


@register_backend("mmpsearch_atomic", force=True)
class AtomicBackend(LocalBackend):
    """Local files, each there as a whole or not at all."""

    def put(self, obj: bytes, filepath: str | Path) -> None:
        with replace_when_done(filepath) as temporary:
            temporary.write_bytes(obj)


@HOOKS.register_module()
class SafeCheckpointHook(CheckpointHook):
    """MMEngine's CheckpointHook, with seven differences.

    * A file is written under another name and renamed, and older ones beyond
      ``max_keep_ckpts`` are removed after that, not before.
    * Checkpoints of an earlier run in the same folder are moved to a folder of their
      own when training begins (`mmpsearch.utils.work_folder.set_aside_earlier`).
    * ``last_checkpoint`` and what a checkpoint says of others are relative to the
      folder: a copy of it resumes from its own files.
    * Of what a checkpoint says *about* the run, only plain values are saved, so that
      it loads safely (`mmpsearch.utils.checkpoint`).
    * ``meta["drawn_people"]`` says whether the training pictures were rendered by
      ``make_synthetic.py``: such a model will not find people in photographs.
    * Weights that are no finite numbers are not saved: the training ends.
    * Checkpoints are loaded safely, also where no tool has asked for it.

    Args:
        max_keep_ckpts: how many numbered checkpoints to keep; -1 keeps all.
        backend_args: where to write; None: local files.
        others: see `mmengine.hooks.CheckpointHook`.
    """

    def __init__(
        self,
        interval: int = 1,
        by_epoch: bool = True,
        max_keep_ckpts: int = -1,
        save_begin: int = 0,
        save_last: bool = True,
        save_best: str | list[str] | None = None,
        rule: str | list[str] | None = None,
        save_optimizer: bool = True,
        save_param_scheduler: bool = True,
        published_keys: str | list[str] | None = None,
        filename_tmpl: str | None = None,
        out_dir: str | None = None,
        backend_args: dict | None = None,
    ) -> None:
        super().__init__(
            interval=interval,
            by_epoch=by_epoch,
            save_begin=save_begin,
            save_last=save_last,
            save_best=save_best,
            rule=rule,
            save_optimizer=save_optimizer,
            save_param_scheduler=save_param_scheduler,
            published_keys=published_keys,
            filename_tmpl=filename_tmpl,
            out_dir=out_dir,
            backend_args=backend_args or dict(backend="mmpsearch_atomic"),
        )
        self.keep = max_keep_ckpts

    def before_run(self, runner) -> None:
        if not uses_safe_checkpoints():
            use_safe_checkpoints()
        if (
            runner._resume and runner._load_from is None
        ):  # MMEngine takes the path as is
            latest = find_latest_checkpoint(runner.work_dir)
            runner._resume = latest is not None
            runner._load_from = latest and str(latest)

    def before_train(self, runner) -> None:
        super().before_train(runner)
        if "://" in self.out_dir:
            return
        self._find_best_here()
        barrier()  # every rank has read what it goes on from
        if not is_main_process():
            return
        for left_by_a_kill in Path(self.out_dir).glob(".*.tmp.pth"):
            left_by_a_kill.unlink()
        resumed = runner._load_from if runner._resume else None
        aside = set_aside_earlier(self.out_dir, resumed)
        if aside is not None:
            kept = ", ".join(sorted(file.name for file in aside.glob("*.pth")))
            runner.logger.warning(
                f"{self.out_dir} holds checkpoints of an earlier run ({kept}): they "
                f"are now in {aside}"
            )

    def _find_best_here(self) -> None:
        """The best checkpoint so far is in this folder, also where it was copied."""
        if getattr(self, "best_ckpt_path", None):
            self.best_ckpt_path = self._here(self.best_ckpt_path)
        paths = getattr(self, "best_ckpt_path_dict", {})
        paths.update({key: path and self._here(path) for key, path in paths.items()})

    def _here(self, path: str) -> str:
        return os.path.join(self.out_dir, os.path.basename(path))

    def _save_checkpoint_with_step(self, runner, step: int, meta: dict) -> None:
        super()._save_checkpoint_with_step(runner, step, meta)
        if is_main_process() and "://" not in self.out_dir:
            write_pointer(runner.work_dir, self.last_ckpt)

    def before_save_checkpoint(self, runner, checkpoint: dict) -> None:
        """Refuse to save what diverged, and drop what would not load safely.

        Raises:
            DivergedError: a weight is no finite number; nothing is written.
        """
        spoilt = not_finite(checkpoint["state_dict"])
        if spoilt:
            raise DivergedError(
                f"iteration {runner.iter}: the weights are not finite any more, first "
                f"{spoilt[0]} ({len(spoilt)} in all); they are not saved, and what was "
                "saved before is kept; resume from it with a smaller learning rate"
            )
        checkpoint["meta"] = _plain(checkpoint["meta"])
        if learns_from_drawings(runner.train_loop.dataloader.dataset):
            checkpoint["meta"]["drawn_people"] = True
        hub = checkpoint["message_hub"]
        hub["runtime_info"] = {
            key: os.path.basename(value or "") if key.startswith(_PATHS) else value
            for key, value in _plain(hub["runtime_info"]).items()
        }

    def after_train_epoch(self, runner) -> None:
        super().after_train_epoch(runner)
        self._remove_old()

    def after_train_iter(
        self, runner, batch_idx: int, data_batch=None, outputs=None
    ) -> None:
        super().after_train_iter(runner, batch_idx, data_batch, outputs)
        if not self.by_epoch:
            self._remove_old()

    def _remove_old(self) -> None:
        if self.keep <= 0 or self.last_ckpt is None or not is_main_process():
            return
        last = Path(self.last_ckpt)
        pattern = re.escape(self.filename_tmpl).replace(r"\{\}", r"(\d+)")
        numbered = {
            int(match[1]): file
            for file in last.parent.iterdir()
            if (match := re.fullmatch(pattern, file.name))
        }
        current = int(re.fullmatch(pattern, last.name)[1])
        own = sorted(number for number in numbered if number <= current)
        for number in own[: -self.keep]:
            numbered[number].unlink()


def learns_from_drawings(dataset: Any) -> bool:
    """Whether a data set, or one that it is made of, was rendered by this project."""
    root = getattr(dataset, "data_root", None)
    if isinstance(root, (str, Path)) and root:
        if any((one / MANIFEST).is_file() for one in (Path(root), Path(root).parent)):
            return True
    parts = [getattr(dataset, name, None) for name in ("dataset", "scenes", "source")]
    parts += list(getattr(dataset, "datasets", ()))
    return any(learns_from_drawings(part) for part in parts if part is not None)


def _plain(value: Any) -> Any:
    """``value`` without anything that `load_checkpoint` would refuse."""
    if isinstance(value, dict):
        kept = {key: _plain(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not _DROP}
    if type(value) in (list, tuple):
        kept = [_plain(item) for item in value]
        return type(value)(item for item in kept if item is not _DROP)
    if isinstance(value, np.ndarray | np.generic):
        return value if value.dtype.kind in "biufcSU" else _DROP
    return value if isinstance(value, _PLAIN) else _DROP
