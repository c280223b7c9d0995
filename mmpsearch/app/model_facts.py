"""What is known about the model: by whom, of what, under which terms, warnings."""

from __future__ import annotations

from collections.abc import Mapping

from mmpsearch.apis.drawn_people import WARNING
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.gallery.gallery import Gallery
from mmpsearch.zoo import ZooError, find

UNKNOWN = "not known here: the model is no entry of the catalogue (`mmpsearch models`)"


def model_facts(
    inferencer: SceneInferencer, gallery: Gallery, name: str | None = None
) -> dict[str, str]:
    """What the tab Model says, as title -> words.

    Args:
        inferencer: The model in use.
        gallery: Whose people it embedded.
        name: As the user named it, ``A+B`` for two; None: by files.
    """
    facts = {
        "model": name or "given by files",
        "weights": str(inferencer.fingerprint),
        "smallest score of a person": f"{inferencer.score_threshold:g}",
    }
    for part in (name or "").split("+") if name else []:
        facts |= _entry(part, "" if "+" not in name else f"{part}: ")
    if not name:
        facts["licence and training data"] = UNKNOWN
    if gallery.fingerprint is not None:
        same = gallery.fingerprint.sha256 == inferencer.fingerprint.sha256
        facts["gallery made by"] = "the same weights" if same else "another model"
    return facts


def model_warnings(inferencer: SceneInferencer) -> list[str]:
    """What must be kept in mind when its answers are read."""
    warnings = [WARNING] if inferencer.drawn_people else []
    return [
        *warnings,
        "A similarity is not a proof: people who are dressed alike are mixed up, and "
        "the same person in other clothes is missed. Look at the pictures before you "
        "act on an answer.",
        "Searching for people is restricted by law in many places; whether you may is "
        "for you to find out.",
    ]


def _entry(name: str, prefix: str) -> dict[str, str]:
    try:
        entry = find(name)
    except ZooError:
        return {f"{prefix}licence and training data": UNKNOWN}
    facts = {f"{prefix}task": entry.task}
    for key, value in entry.metadata.items():
        facts[f"{prefix}{key.lower()}"] = _words(value)
    for result in entry.results:
        metrics = ", ".join(f"{key} {item}" for key, item in result["Metrics"].items())
        source = result.get("Source") or entry.metadata.get("Source", "")
        facts[f"{prefix}on {result['Dataset']}"] = f"{metrics} ({source})"
    return facts


def _words(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return " ".join(str(value).split())
