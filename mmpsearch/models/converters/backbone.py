"""What every converter of backbone weights does: unwrap, strip, and check."""

from collections.abc import Iterable, Mapping
from typing import Any

from torch import Tensor

from mmpsearch.errors import ConversionError
from mmpsearch.models.converters.renaming import ConversionReport

# Keys under which training programs save weights, the one to prefer first.
CONTAINERS = ("teacher", "state_dict", "model", "module", "target_encoder")
# Of a fine-tuned TransReID model beside its backbone: source -> ours.
FINE_TUNED = {
    f"bottleneck.{name}": f"heads.whole.bottleneck.{name}"
    for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
}


def unwrap(checkpoint: Mapping[str, Any]) -> tuple[dict[str, Tensor], str]:
    """The state dict in a checkpoint.

    Args:
        checkpoint: a state dict, or a dict that holds one under a usual name
            (``teacher`` is preferred: pre-training evaluates the teacher).

    Returns:
        State dict and the name it was found under (``""``: the checkpoint itself).

    Raises:
        ConversionError: there are no tensors.
    """
    for name in CONTAINERS:
        inner = checkpoint.get(name)
        if isinstance(inner, Mapping) and _tensors(inner):
            return _tensors(inner), name
    state = _tensors(checkpoint)
    if not state:
        raise ConversionError(
            f"holds no weights; its entries are {', '.join(map(str, checkpoint))}"
        )
    return state, ""


def _tensors(mapping: Mapping[str, Any]) -> dict[str, Tensor]:
    return {key: value for key, value in mapping.items() if isinstance(value, Tensor)}


def strip_prefix(
    state: Mapping[str, Tensor],
    prefixes: Iterable[str],
    marker: str,
    report: ConversionReport,
) -> dict[str, tuple[str, Tensor]]:
    """Keep what lies under the first prefix that leads to a backbone.

    Args:
        state: the source.
        prefixes: tried in this order, e.g. ``module.encoder_q.`` before ``""``.
        marker: key that the backbone has without prefix.
        report: other keys are entered as ignored.

    Returns:
        Key without prefix -> (source key, value).

    Raises:
        ConversionError: no prefix leads to a backbone.
    """
    prefixes = tuple(prefixes)
    for prefix in prefixes:
        if prefix + marker in state:
            break
    else:
        raise ConversionError(
            f"no key ends in {marker!r} under a known prefix; the first key is "
            f"{next(iter(state), None)!r}"
        )
    kept = {}
    for key, value in state.items():
        if key.startswith(prefix):
            kept[key[len(prefix) :]] = (key, value)
        else:
            report.ignored[key] = f"not under {prefix!r}"
    return kept


def fine_tuned_parts(
    state: Mapping[str, Tensor], report: ConversionReport
) -> dict[str, Tensor]:
    """BNNeck and classifier of a fine-tuned model of TransReID's family.

    Args:
        state: the source; may be of a backbone alone.
        report: what is taken is entered as renamed.

    Returns:
        ``heads.whole.bottleneck.*`` and ``classifiers.whole.linear.weight``.
    """
    names = dict(FINE_TUNED)
    if "bottleneck.weight" in state:
        names["classifier.weight"] = "classifiers.whole.linear.weight"
    report.renamed.update({k: ours for k, ours in names.items() if k in state})
    return {ours: state[key] for key, ours in names.items() if key in state}


def require_complete(
    converted: Mapping[str, Tensor], wanted: Mapping[str, Tensor], what: str
) -> None:
    """Refuse weights that leave part of a backbone at random.

    Args:
        converted: what was found.
        wanted: the backbone's own state dict.
        what: its name, for the message.

    Raises:
        ConversionError: naming the first missing, or differently shaped, weights.
    """
    wrong = []
    for key, value in wanted.items():
        if key.endswith("num_batches_tracked"):
            continue
        if key not in converted:
            wrong.append(f"{key} is missing")
        elif converted[key].shape != value.shape:
            have, want = tuple(converted[key].shape), tuple(value.shape)
            wrong.append(f"{key} is {have}, not {want}")
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise ConversionError(
            f"not the weights of {what}: {'; '.join(wrong[:3])}{more}; of "
            f"{len(wanted)} weights {len(wanted) - len(wrong)} match"
        )
