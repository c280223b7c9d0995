"""Find what is wrong with a config before it costs training time.

MMEngine accepts ``default_hook=...`` and ``paramwise_cfg=dict(bias_lr_mul=...)``
without a word. `check_config` reports every such key at once, resolves every ``type``,
builds the model, and looks for optimiser rules that match no parameter. It needs no
data.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mmengine.config import Config, ConfigDict
from mmengine.model import BaseDataPreprocessor, BaseModule
from mmengine.optim import DefaultOptimWrapperConstructor, OptimWrapper
from mmengine.registry import MODELS, DefaultScope
from mmengine.runner import (
    EpochBasedTrainLoop,
    IterBasedTrainLoop,
    Runner,
    TestLoop,
    ValLoop,
)
from torch.utils.data import DataLoader

from mmpsearch.errors import ConfigError
from mmpsearch.utils.config_files import (
    ConfigFile,
    config_files,
    is_written_out,
    unread,
)
from mmpsearch.utils.config_types import (
    accepted_keys,
    parameters,
    resolve,
    suggest,
)
from mmpsearch.utils.config_values import texts_for_numbers, wrong_values

# Read by tools and by the runner from `cfg`, besides the runner's own arguments.
OTHER_KEYS = {
    "activation_checkpointing",
    "compile",
    "custom_imports",
    "efficient_conv_bn_eval",
    "find_unused_parameters",
    "model_wrapper_cfg",
    "runner_type",
    "strategy",
    "sync_bn",
    "tta_model",
    "vis_backends",
}
RUNNER_KEYS = (accepted_keys(Runner) - {"cfg"}) | OTHER_KEYS
# Keys that the runner takes out before it calls the constructor.
EXTRA_KEYS = {
    "PARAM_SCHEDULERS": {"convert_to_iter_based"},
    "OPTIM_WRAPPERS": {"constructor", "paramwise_cfg", "optimizer"},
    "HOOKS": {"priority"},
}
LOADER_KEYS = accepted_keys(DataLoader) | {
    "disable_subprocess_warning",
    "num_batch_per_epoch",
}
PARAMWISE_KEYS = {
    "bias_decay_mult",
    "bias_lr_mult",
    "bypass_duplicate",
    "custom_keys",
    "dcn_offset_lr_mult",
    "dwconv_decay_mult",
    "flat_decay_mult",
    "norm_decay_mult",
}
HOOK_NAMES = {
    "checkpoint",
    "logger",
    "param_scheduler",
    "runtime_info",
    "sampler_seed",
    "timer",
    "visualization",
}
ENV_KEYS = {"cudnn_benchmark", "mp_cfg", "dist_cfg", "resource_limit"}
# Where a dict under this key is looked up.
PLACES = {
    "batch_sampler": "DATA_SAMPLERS",
    "collate_fn": "FUNCTIONS",
    "custom_hooks": "HOOKS",
    "data_preprocessor": "MODELS",
    "dataset": "DATASETS",
    "default_hooks": "HOOKS",
    "init_cfg": "WEIGHT_INITIALIZERS",
    "log_processor": "LOG_PROCESSORS",
    "model": "MODELS",
    "model_wrapper_cfg": "MODEL_WRAPPERS",
    "optim_wrapper": "OPTIM_WRAPPERS",
    "optimizer": "OPTIMIZERS",
    "param_scheduler": "PARAM_SCHEDULERS",
    "pipeline": "TRANSFORMS",
    "sampler": "DATA_SAMPLERS",
    "strategy": "STRATEGIES",
    "test_cfg": "LOOPS",
    "test_evaluator": "METRICS",
    "train_cfg": "LOOPS",
    "transforms": "TRANSFORMS",
    "val_cfg": "LOOPS",
    "val_evaluator": "METRICS",
    "vis_backends": "VISBACKENDS",
    "visualizer": "VISUALIZERS",
    "worker_init_fn": "FUNCTIONS",
}
# Their ``type`` is a name of MMCV's operators, not of a registry.
OPERATOR_KEYS = {"nms", "roi_layer"}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: in which file, at which key, and what to do."""

    file: str
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.message}"


def check_config(config: Config) -> list[Problem]:
    """Everything that is wrong with ``config``, in the order of its keys.

    Args:
        config: as loaded from its file, with ``--cfg-options`` merged in.

    Returns:
        Problems; empty for a good config.
    """
    content = config.to_dict()
    with DefaultScope.overwrite_default_scope(content.get("default_scope")):
        found = [
            *_keys(config, content),
            *(p for key in content if key in PLACES for p in _walk(content[key], key)),
        ]
        if not any(key.split(".")[0] == "model" for key, _ in found):
            found += _model(content)
    return _problems(config, found)


def check_keys(config: Config) -> list[Problem]:
    """The part of `check_config` that is cheap: keys of the runner and its sections.

    Args:
        config: as of `check_config`.

    Returns:
        Problems; neither the model nor hooks, metrics and schedules are looked at.
    """
    content = config.to_dict()
    with DefaultScope.overwrite_default_scope(content.get("default_scope")):
        return _problems(config, [*_keys(config, content)])


def require_valid(config: Config) -> None:
    """Raise `ConfigError` with all problems of ``config``, one per line."""
    raise_problems(check_config(config))


def raise_problems(problems: list[Problem]) -> None:
    """Raise `ConfigError` with these problems, one per line, if there are any."""
    if problems:
        raise ConfigError("\n".join(map(str, problems)))


def require_section(config: Config, key: str) -> ConfigDict:
    """A part of a config that a tool cannot do without.

    Args:
        config: as loaded from its file.
        key: such as ``test_dataloader``.

    Raises:
        ConfigError: it is missing, or None.
    """
    if config.get(key) is None:
        raise ConfigError(f"config {config.filename}: {key}: is missing")
    return config[key]


_Found = Iterator[tuple[str, str]]


def _keys(config: Config, content: dict) -> _Found:
    yield from _top_level(content, config_files(config.filename or "config"))
    yield from _sections(content)


def _problems(config: Config, found: Iterable[tuple[str, str]]) -> list[Problem]:
    """What was found, in the order of the config's keys."""
    order = {key: index for index, key in enumerate(config)}
    found = dict.fromkeys(found)  # a helper variable may hold the same dict twice
    ordered = sorted(found, key=lambda item: order.get(item[0].split(".")[0], -1))
    file = config.filename or "config"
    return [Problem(file, key, message) for key, message in ordered]


def _top_level(content: dict, files: list[ConfigFile]) -> _Found:
    """A key is the runner's, or a helper variable that its file reads."""
    for key in ("model", "default_scope"):
        if key not in content:
            yield key, "is missing"
    for key in content:
        if key in RUNNER_KEYS or key.startswith("_"):
            continue
        assigned = any(key in file.assigned for file in files)
        culprit = unread(key, files) if assigned else None
        hint = suggest(key, RUNNER_KEYS)
        if assigned and culprit is None:
            continue
        if assigned and not hint and is_written_out(files):
            continue  # a run's own copy of its config keeps the helpers
        if culprit and culprit != files[0].path and not hint:
            continue  # a base tells its data set's numbers to whom it may concern
        where = f" (set in {culprit})" if culprit and len(files) > 1 else ""
        yield (
            key,
            f"is no key of the runner, and nothing reads it{where}"
            + (hint or "; remove it, or use it"),
        )


def _sections(content: dict) -> _Found:
    """Dicts of the runner that have no ``type``."""
    if content.get("sync_bn"):
        yield (
            "sync_bn",
            "would also replace the batch norms that survive a single row; name the "
            "backbone's instead: norm_cfg=dict(type='mmpsearch.SafeBatchNorm2d')",
        )
    for part in ("train", "val", "test"):
        loader = content.get(f"{part}_dataloader")
        if isinstance(loader, dict):
            yield from _unknown(f"{part}_dataloader", loader, LOADER_KEYS)
            yield from _missing(f"{part}_dataloader", loader, ("dataset", "sampler"))
            for key in sorted(loader.keys() & PLACES.keys()):
                yield from _walk(loader[key], f"{part}_dataloader.{key}")
    yield from wrong_values(content)
    yield from _loops(content)
    optim = content.get("optim_wrapper")
    if isinstance(optim, dict):
        if "type" not in optim:
            keys = accepted_keys(OptimWrapper) | EXTRA_KEYS["OPTIM_WRAPPERS"]
            yield from _unknown("optim_wrapper", optim, keys)
        yield from _missing("optim_wrapper", optim, ("optimizer",))
        yield from _paramwise(optim)
    for key, known in (
        ("env_cfg", ENV_KEYS),
        ("randomness", accepted_keys(Runner.set_randomness)),
        ("auto_scale_lr", {"enable", "base_batch_size"}),
    ):
        if isinstance(content.get(key), dict):
            yield from _unknown(key, content[key], known - {"self"})
    for name, hook in (content.get("default_hooks") or {}).items():
        hint = "" if name in HOOK_NAMES else suggest(name, HOOK_NAMES)
        if hint:
            yield f"default_hooks.{name}", f"is no default hook's name{hint}"
        elif hook is not None:
            yield from _missing(f"default_hooks.{name}", hook, ("type",))


def _loops(content: dict) -> _Found:
    for key, loop in (("val_cfg", ValLoop), ("test_cfg", TestLoop)):
        value = content.get(key)
        if isinstance(value, dict) and "type" not in value:
            yield from _unknown(key, value, accepted_keys(loop))
    value = content.get("train_cfg")
    if isinstance(value, dict) and "type" not in value:
        by_epoch = value.get("by_epoch", True)
        loop = EpochBasedTrainLoop if by_epoch else IterBasedTrainLoop
        yield from _unknown("train_cfg", value, accepted_keys(loop) | {"by_epoch"})


def _paramwise(optim: dict) -> _Found:
    rules = optim.get("paramwise_cfg") or {}
    default = DefaultOptimWrapperConstructor.__name__
    alike = {default, "MergedGroupsConstructor"}
    own = optim.get("constructor", default).split(".")[-1] not in alike
    for key in rules.keys() - PARAMWISE_KEYS:
        hint = suggest(key, PARAMWISE_KEYS)
        if hint or not own:  # another constructor has keys of its own
            yield f"optim_wrapper.paramwise_cfg.{key}", f"is not known{hint}"
    for name, rule in (rules.get("custom_keys") or {}).items():
        place = f"optim_wrapper.paramwise_cfg.custom_keys.{name}"
        yield from _unknown(place, rule, {"lr_mult", "decay_mult"})


def _unknown(place: str, given: dict, known: set[str]) -> _Found:
    for key in given:
        if key not in known and key not in ("type", "_scope_"):
            hint = suggest(key, known) or f"; known are {', '.join(sorted(known))}"
            yield f"{place}.{key}", f"is not known{hint}"


def _missing(place: str, given: dict, needed: tuple[str, ...]) -> _Found:
    for key in needed:
        if key not in given:
            yield f"{place}.{key}", "is missing"


def _walk(node: Any, path: str, place: str = "MODELS") -> _Found:
    """Resolve every ``type`` in ``node`` and compare keys with its constructor's."""
    name = path.split(".")[-1]
    place = PLACES.get(name, place)
    if isinstance(node, list | tuple):
        for index, child in enumerate(node):
            yield from _walk(child, f"{path}[{index}]", place)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("type"), str) and name not in OPERATOR_KEYS:
        target, trouble = resolve(node["type"], place)
        if trouble:
            yield f"{path}.type", trouble
        known = accepted_keys(target) if _takes_keys(target, place) else None
        if known is not None:
            known |= EXTRA_KEYS.get(place, set())
            if node.get("convert_to_iter_based"):  # built by this method instead
                known |= parameters(target.build_iter_from_epoch)[0]
            yield from _unknown(path, node, known)
            yield from texts_for_numbers(path, node, target)
    for key, child in node.items():
        yield from _walk(child, f"{path}.{key}", place)


def _takes_keys(target: Any, place: str) -> bool:
    """Whether a dict's keys go to the constructor as they are.

    Not those of ``init_cfg``, and in a model not those of layers: ``norm_cfg`` and
    the like are rearranged by MMCV.
    """
    if target is None or place in ("WEIGHT_INITIALIZERS", "FUNCTIONS"):
        return False
    if place == "MODELS":
        return isinstance(target, type) and (
            issubclass(target, BaseModule | BaseDataPreprocessor)
            or target.__module__.startswith("mmpsearch")
        )
    return isinstance(target, type)


def _model(content: dict) -> _Found:
    """Build the model; hold the optimiser's rules against its parameters."""
    if not isinstance(content.get("model"), dict):
        return
    try:
        model = MODELS.build(content["model"])
    except Exception as error:  # whatever a constructor raises is the finding
        yield "model", f"does not build: {type(error).__name__}: {error}"
        return
    names = [name for name, _ in model.named_parameters()]
    rules = ((content.get("optim_wrapper") or {}).get("paramwise_cfg") or {}).get(
        "custom_keys"
    ) or {}
    parts = {part for name in names for part in (*name.split("."), name)}
    for rule in rules:
        if not any(rule in name for name in names):
            hint = suggest(rule, parts, 0.6) or f"; the first is '{names[0]}'"
            yield (
                f"optim_wrapper.paramwise_cfg.custom_keys.{rule}",
                f"is in no parameter's name{hint}",
            )
