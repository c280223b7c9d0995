"""ConvNeXt weights of torchvision and MMPretrain."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from mmpsearch.errors import ConversionError
from mmpsearch.models.backbones.convnext import ConvNeXt
from mmpsearch.models.converters.backbone import require_complete, strip_prefix, unwrap
from mmpsearch.models.converters.renaming import ConversionReport, rename_keys
from mmpsearch.models.converters.spnet_names import convnext_pairs

# marker -> prefixes it may have
LAYOUTS = {
    "features.0.0.weight": ("module.", ""),
    "downsample_layers.0.0.weight": ("module.backbone.", "backbone.", "module.", ""),
}
# torchvision's classifier under MMPretrain's names
CLASSIFIER = {
    f"{public}.{kind}": f"{ours}.{kind}"
    for public, ours in (
        ("classifier.0", "backbone.norm3"),
        ("classifier.2", "head.fc"),
    )
    for kind in ("weight", "bias")
}
# width of the first stage and blocks of the third -> name
ARCHITECTURES = {
    (96, 9): "tiny",
    (96, 27): "small",
    (128, 27): "base",
    (192, 27): "large",
}


def convert_convnext(
    checkpoint: Mapping[str, Any],
) -> tuple[dict[str, Tensor], ConversionReport]:
    """Translate to ``backbone.*`` of a model with a :class:`ConvNeXt`.

    Only Learning without Forgetting makes use of the classifier, whose norm is
    ``backbone.norm3`` and whose last layer ``head.fc``: SPNet reads raw outputs.

    Args:
        checkpoint: state dict, or a checkpoint that holds one.

    Returns:
        Our state dict and the report of every key.

    Raises:
        ConversionError: it is no ConvNeXt, or part of one.
    """
    report = ConversionReport()
    state, _ = unwrap(checkpoint)
    state, head = _without_head(state)
    torchvision = any(key.endswith("features.0.0.weight") for key in state)
    marker = next(iter(LAYOUTS)) if torchvision else list(LAYOUTS)[1]
    kept = strip_prefix(state, LAYOUTS[marker], marker, report)
    names = {name: name for name in kept}
    if torchvision:
        pairs = convnext_pairs("features", "backbone")
        _, renaming = rename_keys({name: None for name in kept}, pairs)
        names = {
            name: new.removeprefix("backbone.")
            for name, new in renaming.renamed.items()
        }
    arch = _find_architecture(set(names.values()), kept[marker][1].shape[0])
    wanted = ConvNeXt(arch=arch).state_dict()
    converted, found = dict(head), {}
    report.renamed.update({key: key for key in head})
    for name, (source, value) in kept.items():
        ours = names.get(name, name)
        if name in CLASSIFIER or name.startswith("norm3."):
            target = CLASSIFIER.get(name, f"backbone.{name}")
            converted[target], report.renamed[source] = value, target
        elif ours in wanted:
            value = value.flatten() if ours.endswith(".gamma") else value
            converted[f"backbone.{ours}"] = found[ours] = value
            report.renamed[source] = f"backbone.{ours}"
        else:
            report.unmatched.append(source)
    require_complete(found, wanted, f"a ConvNeXt-{arch}")
    return converted, report


def _without_head(
    state: Mapping[str, Tensor],
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """MMPretrain's classifier lies beside its backbone."""
    head = {k: v for k, v in state.items() if k.startswith("head.fc.")}
    return {k: v for k, v in state.items() if k not in head}, head


def _find_architecture(names: set[str], width: int) -> str:
    blocks = len({k.split(".")[2] for k in names if k.startswith("stages.2.")})
    if (width, blocks) not in ARCHITECTURES:
        raise ConversionError(
            f"no ConvNeXt here has width {width} and {blocks} blocks in its third stage"
        )
    return ARCHITECTURES[width, blocks]
