"""State dicts of the released AGW for two modalities, and of MMGL's pre-training.

The authors of MMGL fine-tune from files with AGW's names and further heads, flat or
under ``net``.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from mmpsearch.models.converters.ddag import (
    TWO_STREAM_IGNORED,
    TWO_STREAM_RULES,
    released_state,
    require_two_streams,
)
from mmpsearch.models.converters.renaming import ConversionReport, rename_keys

# Non-local blocks of stage n: their convolution g is a sequence of one there.
NON_LOCAL_RULES = tuple(
    rule
    for stage in (1, 2, 3, 4)
    for rule in (
        (f"NL_{stage}.{{block}}.g.0", f"backbone.non_local.{stage - 1}.{{block}}.g"),
        (f"NL_{stage}.{{block}}", f"backbone.non_local.{stage - 1}.{{block}}"),
    )
)
RULES = (
    *TWO_STREAM_RULES,
    *NON_LOCAL_RULES,
    ("bottleneck", "heads.whole.bottleneck"),
    ("classifier", "classifiers.whole.linear"),
)
IGNORED = (
    *TWO_STREAM_IGNORED,
    ("visible_module.visible.fc", "ImageNet classifier"),
    ("thermal_module.thermal.fc", "ImageNet classifier"),
    ("base_resnet.base.fc", "ImageNet classifier"),
    ("fc1", "head of the pre-training"),
    ("fc2", "head of the pre-training"),
    ("local_conv_list", "head of the pre-training"),
    ("l2norm", "has no weights of its own"),
)


def convert_agw(
    checkpoint: Mapping[str, Any],
) -> tuple[dict[str, Tensor], ConversionReport]:
    """Translate to a :class:`~mmpsearch.models.reid.ReIDModel` with AGW's parts.

    Also for the baseline (``base``), which has no non-local blocks, and for a
    pre-training, which gives ``backbone.*`` alone. The bottleneck's norm and the
    classifier are kept where they are in the file.

    Args:
        checkpoint: state dict, or a checkpoint that holds one, also under ``net``.

    Returns:
        Our state dict and the report of every key.

    Raises:
        ConversionError: a modality's stem or the shared stages are missing.
    """
    state = released_state(checkpoint)
    converted, report = rename_keys(state, RULES, IGNORED)
    require_two_streams(converted, state)
    return converted, report
