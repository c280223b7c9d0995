"""Weights and images of the golden SPNet files, made from names alone.

Every tensor of the public implementation is filled by a rule from its state-dict key,
translated by the converter and loaded: so the golden numbers test converter and model.
"""

import math
import zlib
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.structures import InstanceData

from mmpsearch.models.converters.spnet import convert_spnet
from mmpsearch.registry import MODELS
from mmpsearch.structures import PersonSearchSample
from tests.test_models.golden import public_keys

ROOT = Path(__file__).parents[4]
DATA = ROOT / "tests" / "data" / "spnet"
GAINS = [
    ("feature_head.emb_pred", 1.0),
    (".tfm.", 2.0),
    ("regression_head.", 0.05),
    ("bridge_layer", 0.25),
    ("nae_head.projectors", 0.04),
    ("reid_loss", 1.0),
]


def golden(name: str) -> dict[str, np.ndarray]:
    with np.load(DATA / f"{name}.npz", allow_pickle=False) as file:
        return dict(file)


def noise(key: str, shape) -> torch.Tensor:
    generator = torch.Generator().manual_seed(zlib.crc32(key.encode()))
    return torch.rand(tuple(shape), generator=generator) - 0.5


def weight(key: str, shape, gains) -> torch.Tensor:
    if key.endswith("running_mean"):
        return noise(key, shape) * 0.2
    if key.endswith("running_var"):
        return noise(key, shape) * 0.5 + 1.0
    if key.endswith("layer_scale"):
        return noise(key, shape) * 0.6
    if key.endswith("relative_position_bias_table"):
        return noise(key, shape) * 0.5
    if len(shape) == 1 and key.endswith("weight"):
        return noise(key, shape) * 0.2 + 1.0
    if len(shape) <= 1:
        return noise(key, shape) * 0.2
    gain = next((g for part, g in gains if part in key), 1.0)
    return noise(key, shape) * math.sqrt(12.0 * gain / math.prod(shape[1:]))


def public_state(
    variant: str, extra_gains=(), sizes=None, without=()
) -> dict[str, torch.Tensor]:
    """A filled state dict with the public implementation's names.

    ``sizes`` replaces the first dimension of tensors by key (tables, queues); the keys
    of ``without`` are left out.
    """
    keys = public_keys()
    gains, state = [*extra_gains, *GAINS], {}
    integer = set(keys["integer"][variant])
    for key, shape in keys["shapes"][variant].items():
        if key in without:
            continue
        shape = [(sizes or {}).get(key, shape[0]), *shape[1:]] if shape else shape
        if key in integer:
            value = -1 if key.endswith("label_cq") else 0
            state[key] = torch.full(shape, value, dtype=torch.int64)
        else:
            state[key] = weight(key, shape, gains)
    return state


def image(name: str, height: int, width: int) -> torch.Tensor:
    """Deterministic normalised image ``(3, H, W)``."""
    g = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    coarse = torch.randint(
        0, 200, (3, (height + 15) // 16, (width + 15) // 16), generator=g
    )
    fine = torch.randint(0, 56, (3, height, width), generator=g)
    coarse = coarse.repeat_interleave(16, 1).repeat_interleave(16, 2)
    pixels = coarse[:, :height, :width] + fine
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return (pixels.float() / 255.0 - mean) / std


def build(model_config: str, changes: dict, state: dict[str, torch.Tensor]):
    """The model of a base config with changes, loaded with converted weights."""
    config = Config.fromfile(ROOT / "configs" / "_base_" / "models" / model_config)
    for key, value in changes.items():
        if isinstance(value, dict) and "type" not in value:
            config.merge_from_dict({"model": {key: value}})
        else:  # another class takes none of the old one's arguments
            config.model[key] = value
    model = MODELS.build(config.model)
    converted, report = convert_spnet(state)
    assert not report.unmatched
    for key, value in model.state_dict().items():
        if key.endswith("relative_position_index"):  # not filled: computed
            converted[key] = value
    model.load_state_dict(converted, strict=True)
    return model


def targets(arrays: dict[str, np.ndarray], size, known: int | None) -> list:
    """Data samples of a golden training file (labels there are 1-based)."""
    samples = []
    while f"target{len(samples)}_boxes" in arrays:
        prefix = f"target{len(samples)}_"
        labels = torch.from_numpy(arrays[prefix + "labels"]).long() - 1
        if known is not None:
            labels = torch.where(labels >= known, -1, labels)
        sample = PersonSearchSample(metainfo={"img_shape": size})
        sample.gt_instances = InstanceData(
            bboxes=torch.from_numpy(arrays[prefix + "boxes"]).float(),
            person_ids=labels,
            unique_ids=torch.from_numpy(arrays[prefix + "person_id"]).long(),
        )
        samples.append(sample)
    return samples


def disable_drop_path(model: torch.nn.Module) -> None:
    for module in model.modules():
        if type(module).__name__ == "DropPath":
            module.eval()
