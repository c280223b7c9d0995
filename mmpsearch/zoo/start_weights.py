"""The weights that training starts from: which a config names, and their files.

An ``init_cfg`` names them: ``dict(type='mmpsearch.Named', name='…')`` a model of the
catalogue, ``dict(type='Pretrained', checkpoint='…')`` a file, a URL or
``torchvision://…``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmpsearch.errors import CheckpointError
from mmpsearch.zoo.catalogue import catalogue, find
from mmpsearch.zoo.download import fetch, fetch_entry, ways_out
from mmpsearch.zoo.entry import Entry, WeightFile, url_digest, url_name
from mmpsearch.zoo.errors import DownloadError, ZooError
from mmpsearch.zoo.resolve import resolve

RANDOM = "random"  # in place of a recipe's weights: said aloud
SCRATCH = "scratch"  # as the recipe was published


@dataclass(frozen=True)
class StartWeights:
    """What one part of a model starts from.

    Attributes:
        place: key in the config, such as ``model.backbone``.
        name: of the catalogue, a file, a URL, `RANDOM` or `SCRATCH`.
    """

    place: str
    name: str

    def __str__(self) -> str:
        name = "random weights, as published" if self.name == SCRATCH else self.name
        return f"{self.place}: {name}"


def start_weights(model: Mapping[str, Any]) -> list[StartWeights]:
    """What the parts of a model start from, in the order of the config.

    Args:
        model: of a config. With ``pretrained.checkpoint`` (SPNet), that file is all.
    """
    pretrained = (model.get("pretrained") or {}).get("checkpoint")
    if pretrained and not model.get("scene_distillation"):
        return [StartWeights("model.pretrained", str(pretrained))]
    return list(_walk(model, "model"))


def locate(name: str, places: Sequence[str] = ()) -> Path:
    """The file of start weights on this machine, downloaded where it is not yet.

    Args:
        name: of the catalogue, a path, ``http(s)://…`` or ``torchvision://…``.
        places: in the config that name it, for the message.

    Raises:
        ZooError: there is no such name.
        CheckpointError: there is no such file.
        DownloadError: it cannot be had; the message says the ways out.
    """
    if "://" in name:
        return _locate_url(name, places)
    path = Path(name).expanduser()
    if path.is_file():
        return path
    if path.suffix or len(path.parts) > 1:
        raise CheckpointError(f"checkpoint {name}: there is no such file")
    try:
        return resolve(name).checkpoint
    except DownloadError as error:
        raise DownloadError(f"{error}{_at_random(places)}") from None


def prepare(model: Mapping[str, Any]) -> list[tuple[StartWeights, Path | None]]:
    """Bring all start weights of a model here, before any data is read.

    Returns:
        What the parts start from, each with its file; None for random weights.

    Raises:
        ZooError, CheckpointError, DownloadError: naming the place in the config.
    """
    wanted = start_weights(model)
    files: dict[str, Path | None] = {RANDOM: None, SCRATCH: None}
    for weights in wanted:
        if weights.name in files:
            continue
        places = tuple(w.place for w in wanted if w.name == weights.name)
        try:
            files[weights.name] = locate(weights.name, places)
        except (ZooError, CheckpointError) as error:
            raise type(error)(f"{weights.place}: {error}") from None
    return [(weights, files[weights.name]) for weights in wanted]


def require_known(model: Mapping[str, Any]) -> None:
    """Refuse names that the catalogue does not have, without downloading anything.

    Raises:
        ZooError: naming the place in the config and the nearest names.
    """
    for place, init in _init_configs(model, "model"):
        name = str(init.get("name") or "")
        if not _is_named(init) or init.get("checkpoint") or name in (RANDOM, SCRATCH):
            continue
        if "://" in name or Path(name).suffix or len(Path(name).parts) > 1:
            continue  # a file, which may come later
        try:
            find(name)
        except ZooError as error:
            raise ZooError(f"{place}.init_cfg.name: {error}") from None


def is_published(config_file: str | Path | None) -> bool:
    """Whether the catalogue lists a config as a recipe for real people."""
    path = Path(config_file or "").resolve()
    return any(
        isinstance(entry.config, Path)
        and entry.config.resolve() == path
        and not entry.metadata.get("Drawn People")
        for entry in catalogue().values()
    )


def _walk(node: Any, place: str) -> Iterator[StartWeights]:
    for where, init in _init_configs(node, place):
        kind = str(init.get("type", "")).rpartition(".")[2]
        if kind not in ("Named", "Pretrained"):
            continue
        name = init.get("checkpoint", "")
        if name is None:
            name = SCRATCH
        elif not name and _is_named(init):
            name = init.get("name", RANDOM)
        if name:
            yield StartWeights(where, _known_as(str(name)))


def _init_configs(node: Any, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every ``init_cfg`` below a part of a config, with the place that has it."""
    if isinstance(node, list | tuple):
        for index, child in enumerate(node):
            yield from _init_configs(child, f"{place}.{index}")
    if not isinstance(node, Mapping):
        return
    init = node.get("init_cfg")
    for item in init if isinstance(init, list | tuple) else [init]:
        if isinstance(item, Mapping):
            yield place, item
    for key, child in node.items():
        if key != "init_cfg":
            yield from _init_configs(child, f"{place}.{key}")


def _is_named(init: Mapping[str, Any]) -> bool:
    return str(init.get("type", "")).rpartition(".")[2] == "Named"


def _known_as(name: str) -> str:
    """The catalogue's name of an address that it has; others stay as they are."""
    if "://" not in name:
        return name
    try:
        entry = _by_url(_url(name))
    except CheckpointError:
        return name
    return entry.name if entry else name


def _by_url(url: str) -> Entry | None:
    for entry in catalogue().values():
        if len(entry.files) == 1 and entry.files[0].url == url:
            return entry
    return None


def _at_random(places: Sequence[str]) -> str:
    """The last way out where weights cannot be had, as options for these places."""
    options = " ".join(f"{p}.init_cfg.name={RANDOM}" for p in places or ["PLACE"])
    return f"\n  start from random weights: --cfg-options {options}"


def _locate_url(name: str, places: Sequence[str]) -> Path:
    url = _url(name)
    entry = _by_url(url)
    if entry:
        return fetch_entry(entry)[0]
    digest = url_digest(url)
    folder = "" if digest else "by-url/"
    file = WeightFile(url, f"{folder}{url_name(url)}", digest=digest)
    try:
        return fetch(file)
    except DownloadError as error:
        entry = Entry(name, "backbone", (file,))
        ways = f"{ways_out(entry)}{_at_random(places)}"
        raise DownloadError(f"{error}\n{ways}") from None


def _url(name: str) -> str:
    """The address that MMEngine's ``torchvision://…`` stands for; others are theirs."""
    if not name.startswith("torchvision://"):
        return name
    from mmengine.runner.checkpoint import get_torchvision_models

    model = name.partition("://")[2]
    urls = get_torchvision_models()
    if model not in urls:
        raise CheckpointError(f"checkpoint {name}: MMEngine has no model {model!r}")
    return urls[model]
