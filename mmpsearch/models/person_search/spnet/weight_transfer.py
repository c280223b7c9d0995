"""From a pre-trained SPNet to the one that is fine-tuned (paper, figure 8)."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from torch import Tensor


@dataclass
class TransferReport:
    """Where the weights of the new model come from.

    Attributes:
        copied: target key -> source key, where the two differ.
        kept: target keys loaded from the source key of the same name.
        initialised: target keys that stay as they were initialised.
        unused: source keys that no target key takes.
        training_only: source keys of what belongs to the pre-training alone.
    """

    copied: dict[str, str] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    initialised: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    training_only: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{len(self.kept)} tensors as they are, {len(self.copied)} copied within "
            f"the model, {len(self.initialised)} left as initialised, "
            f"{len(self.unused)} of the checkpoint not used"
        )

    def not_taken_over(self) -> str:
        """By name: what of the checkpoint stays behind, and what starts afresh."""
        groups = {
            "of the checkpoint, not used": self.unused,
            "of the checkpoint, for its training alone": self.training_only,
            "of the model, as initialised": self.initialised,
        }
        return "; ".join(
            f"{title}: {', '.join(_by_module(names))}"
            for title, names in groups.items()
            if names
        )


def transfer_weights(
    source: Mapping[str, Tensor],
    target: Mapping[str, Tensor],
    training_only: re.Pattern[str],
    keep_bridge: bool = True,
    repeat_stages: bool = True,
) -> tuple[dict[str, Tensor], TransferReport]:
    """Choose a pre-trained weight for every weight of the fine-tuned model.

    * What only training reads, such as the momentum encoder and the re-id loss's
      tables, is left behind.
    * The bridge is taken over. Query-centric pre-training does not train it: there it
      is as it was initialised, and ``keep_bridge`` changes nothing.
    * A model with separate Box Embedders takes the shared one's stage for
      re-identification and for its first detection embedder. Its projections start
      afresh, as their inputs and sizes differ.
    * ``repeat_stages`` ("PT-Rep") fills later cascade stages from the first one;
      without it ("PT") they stay as initialised.

    Args:
        source: state dict of the pre-trained model, without cascade.
        target: state dict of the new model.
        training_only: matches names of weights that only training reads.
        keep_bridge: take over the bridge of the first stage. False is another reading
            of the paper: every fine-tuning starts with a fresh bridge.
        repeat_stages: copy the first stage to the later ones.

    Returns:
        The weights to load (a part of ``target``'s keys) and the report.

    Raises:
        ValueError: a weight of the same name has another shape, or nothing fits.
    """
    behind = [key for key in source if training_only.match(key)]
    source = {key: value for key, value in source.items() if key not in set(behind)}
    all_keys = list(source)
    separate = any(key.startswith("detection_embedders.") for key in target)
    if separate:
        source = {
            k: v
            for k, v in source.items()
            if not k.startswith("box_embedder.projections.")
        }
    chosen, report = {}, TransferReport(training_only=behind)
    for key, value in target.items():
        origin = _origin(key, source, keep_bridge, repeat_stages)
        if origin is None:
            report.initialised.append(key)
            continue
        if source[origin].shape != value.shape:
            raise ValueError(
                f"pre-trained weight {origin} has shape {tuple(source[origin].shape)}, "
                f"but {key} has {tuple(value.shape)}; use the config's architecture"
            )
        chosen[key] = source[origin]
        if origin == key:
            report.kept.append(key)
        else:
            report.copied[key] = origin
    if not chosen:
        raise ValueError("not a checkpoint of SPNet: none of its weights fits")
    used = {*report.kept, *report.copied.values()}
    report.unused = [key for key in all_keys if key not in used]
    return chosen, report


def _origin(
    key: str, source: Mapping[str, Tensor], keep_bridge: bool, repeat_stages: bool
) -> str | None:
    """The source key for a target key, None to leave it as initialised."""
    block = re.match(r"sp_blocks\.(\d+)\.(.+)", key)
    if block:
        stage, rest = int(block[1]), block[2]
        if (stage and not repeat_stages) or (
            rest.startswith("bridge.") and not keep_bridge
        ):
            return None
        key = f"sp_blocks.0.{rest}"
    embedder = re.match(r"detection_embedders\.(\d+)\.(stage\..+)", key)
    if embedder:
        if int(embedder[1]) and not repeat_stages:
            return None
        key = f"box_embedder.{embedder[2]}"
    return key if key in source else None


def _by_module(names: Iterable[str], depth: int = 3) -> list[str]:
    """Names joined by the module they belong to, such as ``sp_blocks.0.bridge (2)``."""
    counts = Counter(".".join(name.split(".")[:-1][:depth]) for name in names)
    return [f"{module} ({number})" for module, number in counts.items()]
