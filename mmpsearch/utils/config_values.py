"""Values of a config that fail without their key's name."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from mmpsearch.utils.config_types import number_defaults

Found = Iterator[tuple[str, str]]
# Whole numbers that would fail without their key's name; the least that makes sense.
LOADER_NUMBERS = {"batch_size": 1, "num_workers": 0}
NUMBERS = {
    "train_cfg": {"max_epochs": 1, "max_iters": 1, "val_interval": 1},
    "train_dataloader": LOADER_NUMBERS,
    "val_dataloader": LOADER_NUMBERS,
    "test_dataloader": LOADER_NUMBERS,
    "randomness": {"seed": 0},
}
# The runner takes all of a row, or none.
TOGETHER = (
    ("train_dataloader", "train_cfg", "optim_wrapper"),
    ("val_dataloader", "val_cfg", "val_evaluator"),
    ("test_dataloader", "test_cfg", "test_evaluator"),
)
# Each of their items has a ``type``.
LISTS = ("custom_hooks", "param_scheduler", "vis_backends")

# What MMEngine's writers of curves import, and the package that has it.
WRITERS = {
    "AimVisBackend": ("aim", "aim"),
    "ClearMLVisBackend": ("clearml", "clearml"),
    "DVCLiveVisBackend": ("dvclive", "dvclive"),
    "MLflowVisBackend": ("mlflow", "mlflow-skinny"),
    "NeptuneVisBackend": ("neptune", "neptune"),
    "TensorboardVisBackend": ("tensorboard", "tensorboard"),
    "WandbVisBackend": ("wandb", "wandb"),
}


def wrong_values(content: dict) -> Found:
    """Key and trouble of the runner's sections: missing partners, texts, numbers.

    Args:
        content: of a config.
    """
    yield from _together(content)
    yield from _lists(content, "")
    if isinstance(content.get("visualizer"), dict):
        yield from _lists(content["visualizer"], "visualizer.")
        yield from _writers(content["visualizer"].get("vis_backends"))
    yield from _numbers(content)


def texts_for_numbers(path: str, node: dict, target: Any) -> Found:
    """Texts where the constructor wants a number."""
    for key, default in number_defaults(target).items():
        if isinstance(node.get(key), str):
            yield (
                f"{path}.{key}",
                f"must be a number such as {default}, not {node[key]!r}",
            )


def _together(content: dict) -> Found:
    for row in TOGETHER:
        missing = [key for key in row if content.get(key) is None]
        given = [key for key in row if key not in missing]
        if missing and given and "model" in content:
            yield (
                missing[0],
                f"is missing or None, but {' and '.join(given)} "
                f"{'is' if len(given) == 1 else 'are'} given; give all of "
                f"{', '.join(row)}, or set all to None",
            )


def _lists(holder: dict, where: str) -> Found:
    for key in LISTS:
        value = holder.get(key)
        for item in value if isinstance(value, list | tuple) else [value]:
            if isinstance(item, str):
                yield (
                    f"{where}{key}",
                    f"holds {item!r} where a dict with a type belongs",
                )


def _writers(backends: Any) -> Found:
    """Writers of curves whose package is missing."""
    for index, backend in enumerate(backends if isinstance(backends, list) else ()):
        kind = backend.get("type") if isinstance(backend, dict) else None
        name = kind if isinstance(kind, str) else getattr(kind, "__name__", "")
        module, package = WRITERS.get(name.rpartition(".")[2], ("", ""))
        if module and find_spec(module) is None:
            yield (
                f"visualizer.vis_backends[{index}]",
                f"{name} needs the package {package}: pip install {package}",
            )


def _numbers(content: dict) -> Found:
    """Whole numbers that are words, fractions or too small."""
    for section, least in NUMBERS.items():
        given = content.get(section)
        for key, value in given.items() if isinstance(given, dict) else ():
            if key not in least or (key == "seed" and value is None):
                continue
            whole = isinstance(value, int) and not isinstance(value, bool)
            if section == "train_cfg" and isinstance(value, float):
                whole = value.is_integer()  # MMEngine's loops take 12.0
            if not whole or value < least[key]:
                yield (
                    f"{section}.{key}",
                    f"must be a whole number, at least {least[key]}, not {value!r}",
                )
