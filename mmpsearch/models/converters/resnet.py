"""ResNet weights of torchvision, IBN-Net, LUPerson (MoCo), fast-reid and BoT."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from mmpsearch.errors import ConversionError
from mmpsearch.models.backbones.reid_resnet import ReIDResNet
from mmpsearch.models.converters.backbone import require_complete, strip_prefix, unwrap
from mmpsearch.models.converters.renaming import ConversionReport

PREFIXES = (
    "module.encoder_q.",
    "encoder_q.",
    "module.backbone.",
    "backbone.",
    "module.base.",
    "base.",
    "module.",
    "",
)
# First blocks of the third stage that tell the depths apart.
DEPTHS = {2: 18, 6: 50, 23: 101, 36: 152}


def convert_resnet(
    checkpoint: Mapping[str, Any],
) -> tuple[dict[str, Tensor], ConversionReport]:
    """Translate to ``backbone.*`` of a model with a ResNet.

    Depth and IBN are read from the keys. Classifiers and projectors are left out, and
    so are a momentum encoder and its queue: MoCo's query encoder is used.

    Args:
        checkpoint: state dict, or a checkpoint that holds one.

    Returns:
        Our state dict and the report of every key.

    Raises:
        ConversionError: it is no ResNet, or part of one.
    """
    report = ConversionReport()
    state, _ = unwrap(checkpoint)
    kept = strip_prefix(state, PREFIXES, "layer1.0.conv1.weight", report)
    depth, ibn = find_architecture(kept)
    wanted = ReIDResNet(depth, ibn=ibn).state_dict()
    converted, found = {}, {}
    for name, (source, value) in kept.items():
        if name.startswith(("fc.", "classifier.", "head.")):
            report.ignored[source] = "classifier or projector"
        elif name in wanted:
            converted[f"backbone.{name}"] = found[name] = value
            report.renamed[source] = f"backbone.{name}"
        else:
            report.unmatched.append(source)
    require_complete(found, wanted, f"a ResNet-{depth}{'-IBN' if ibn else ''}")
    return converted, report


def find_architecture(names: Mapping[str, Any]) -> tuple[int, bool]:
    """Depth, and whether it has IBN norms, from the keys of a ResNet.

    Raises:
        ConversionError: the number of blocks belongs to no ResNet.
    """
    blocks = {
        stage: len({k.split(".")[1] for k in names if k.startswith(f"layer{stage}.")})
        for stage in (1, 2, 3, 4)
    }
    depth = DEPTHS.get(blocks[3])
    if depth == 50 and "layer1.0.conv3.weight" not in names:
        depth = 34
    if depth is None:
        raise ConversionError(
            f"blocks per stage {tuple(blocks.values())} are those of no ResNet"
        )
    return depth, "layer1.0.bn1.IN.weight" in names
