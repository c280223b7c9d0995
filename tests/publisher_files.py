"""The files that publishers offer as start weights: right names and shapes, no content.

Every tensor is one number repeated, which tells the key; so a file takes kilobytes.
"""

import argparse
import zlib
from collections.abc import Mapping
from pathlib import Path

import torch
import torchvision
import yaml
from torch import Tensor

from mmpsearch.models.backbones import OSNet, SemanticSwin, VisionTransformer
from mmpsearch.models.converters.osnet import _rules as osnet_rules
from mmpsearch.models.converters.renaming import rename_keys
from mmpsearch.zoo import Entry, catalogue

LAST = "backbone.stages.2.2.0.weight"


def value_of(key: str) -> float:
    """The number that fills the tensor of a publisher's key."""
    return (zlib.crc32(key.encode()) % 1000 - 500) / 1000


def filled(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same names and shapes, each with its key's number."""
    return {
        key: torch.tensor(1).expand(value.shape)
        if not value.is_floating_point()
        else torch.tensor(value_of(key)).expand(value.shape)
        for key, value in state.items()
    }


def publisher_file(entry: Entry) -> dict:
    """What a publisher's file of these start weights holds."""
    family, *size, origin = entry.name.removesuffix("_ics").split("_")
    size = "".join(size)
    if family == "swin" and origin == "solider":  # does not build on the meta device
        state = SemanticSwin(size, out_indices=(0, 1, 2, 3)).state_dict()
    with torch.device("meta"):
        if family.startswith("resnet"):
            state = getattr(torchvision.models, family)().state_dict()
        elif family == "convnext":
            state = getattr(torchvision.models, f"convnext_{size}")().state_dict()
        elif family == "swin" and origin == "imagenet":
            name = {"tiny": "swin_t", "small": "swin_s", "base": "swin_b"}[size]
            state = microsoft_names(getattr(torchvision.models, name)().state_dict())
        elif family == "osnet":
            state = torchreid_names(OSNet(entry.settings["backbone"]["width"]))
        elif family == "vit":
            options = dict(entry.settings["backbone"], mask_token=origin == "ibot")
            del options["type"]
            state = VisionTransformer(**options).state_dict()
    if origin == "imagenet":
        return {"model": filled(state)} if family == "swin" else filled(state)
    if origin == "luperson":
        moco = {f"module.encoder_q.{key}": value for key, value in state.items()}
        moco |= {f"module.encoder_k.{key}": value for key, value in state.items()}
        return {"state_dict": filled(moco), "epoch": 200}
    if origin == "personvit":
        teacher = {f"backbone.{key}": value for key, value in state.items()}
        args = argparse.Namespace(arch="vit", lr=0.1)
        return {"teacher": filled(teacher), "args": args, "epoch": 220}
    if origin == "solider":
        teacher = {f"backbone.{key}": value for key, value in state.items()}
        return {"teacher": filled(teacher)}
    return filled(state)  # of ViTs the state dict itself


def torchreid_names(backbone: OSNet) -> dict[str, Tensor]:
    """An OSNet's state dict under torchreid's names."""
    state = {f"backbone.{key}": v for key, v in backbone.state_dict().items()}
    swapped = [(ours, theirs) for theirs, ours in osnet_rules()]
    names = rename_keys(state, swapped)[0]
    names |= {"fc.0.weight": torch.empty(512, state[LAST].shape[0])}
    names |= {f"fc.{i}.bias": torch.empty(512) for i in (0, 1)}
    names |= {f"fc.1.{n}": torch.empty(512) for n in ("weight", "running_mean")}
    return names | {"fc.1.running_var": torch.empty(512)}


def microsoft_names(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A torchvision Swin under the original names."""
    names = {}
    for key, value in state.items():
        new = key
        if key.startswith("features.0."):
            new = key.replace("features.0.0", "patch_embed.proj")
            new = new.replace("features.0.2", "patch_embed.norm")
        elif key.startswith("features."):
            _, position, rest = key.split(".", 2)
            stage, merges = divmod(int(position) - 1, 2)
            rest = rest.replace("mlp.0", "mlp.fc1").replace("mlp.3", "mlp.fc2")
            new = f"layers.{stage}.{'downsample' if merges else 'blocks'}.{rest}"
        names[new] = value
    return names


def offer_start_weights(folder: Path) -> dict[str, str]:
    """Write all start weights' files, and a catalogue that has no digests for them.

    Returns:
        The environment in which the names mean these files.
    """
    models = []
    for entry in catalogue().values():
        if entry.task != "backbone" or not entry.files:
            continue
        path = folder / "mirror" / entry.files[0].name
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(publisher_file(entry), path)
        options = {
            key.replace("_", " ").title(): list(value)
            if type(value) is tuple
            else value
            for key, value in entry.converter_options.items()
        }
        models.append(
            {
                "Name": entry.name,
                "Task": "backbone",
                "Weights": entry.files[0].url,
                "File": Path(entry.files[0].name).name,
                "Converter": {"Name": entry.converter, **options},
                "Settings": dict(entry.settings),
            }
        )
    metafile = folder / "metafile.yml"
    metafile.write_text(yaml.safe_dump({"Models": models}))
    return {
        "MMPSEARCH_HOME": str(folder / "home"),
        "MMPSEARCH_MIRROR": str(folder / "mirror"),
        "MMPSEARCH_CATALOGUE": str(metafile),
        "MMPSEARCH_OFFLINE": "1",
    }
