"""What a run of any config is given, whoever wrote it."""

import logging

from mmengine.config import Config
from mmengine.logging import print_log

CHECKS = "mmpsearch.TrainingChecksHook"
LOADERS = ("train_dataloader", "val_dataloader", "test_dataloader")
WITH_WORKERS = ("persistent_workers", "prefetch_factor")
# MMEngine takes None for these names alone
ITS_HOOKS = {
    "checkpoint",
    "logger",
    "param_scheduler",
    "runtime_info",
    "sampler_seed",
    "timer",
}


def complete_run(config: Config) -> None:
    """Make a config run, in place, where MMEngine would not or without checks.

    * A config without `mmpsearch.engine.hooks.TrainingChecksHook` gets it.
    * ``default_hooks.NAME=None`` switches off every default hook, not only MMEngine's.
    * A loader without worker processes loses what PyTorch takes with workers only.

    Args:
        config: of a training or a test.
    """
    hooks = config.get("default_hooks") or {}
    for name in [n for n, h in hooks.items() if h is None and n not in ITS_HOOKS]:
        del hooks[name]
    custom = config.get("custom_hooks") or []
    given = [h.get("type") for h in (*hooks.values(), *custom) if isinstance(h, dict)]
    if config.get("train_cfg") is not None and CHECKS not in given:
        config.custom_hooks = [*custom, dict(type=CHECKS)]
    for name in LOADERS:
        loader = config.get(name)
        if isinstance(loader, dict) and not loader.get("num_workers", 0):
            fit_to_no_workers(loader, name)


def fit_to_no_workers(loader: dict, name: str = "dataloader") -> None:
    """Drop what a loader with ``num_workers=0`` must not have, and say so.

    Args:
        loader: config of a loader, changed in place.
        name: for the message.
    """
    dropped = [key for key in WITH_WORKERS if key in loader]
    if any([loader.pop(key) for key in dropped]):
        print_log(
            f"{name}: {' and '.join(dropped)} need worker processes and are left out, "
            "for num_workers is 0",
            logger="current",
            level=logging.INFO,
        )
