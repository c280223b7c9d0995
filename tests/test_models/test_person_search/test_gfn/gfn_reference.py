"""Weights and images of the golden GFN files, made from names alone.

Every tensor of the public implementation is filled by a rule from its state-dict key,
translated by the converter and loaded: so the golden numbers test converter and model.
"""

import json
import math
import zlib
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config

from mmpsearch.models.converters.gfn import convert_gfn
from mmpsearch.registry import MODELS

ROOT = Path(__file__).parents[4]
DATA = ROOT / "tests" / "data" / "gfn"
BASE_GAINS = [
    ("rpn.head.bbox_pred", 0.02),
    ("rpn.head.cls_logits", 1.0),
    ("faster_rcnn_predictor.bbox_pred", 0.1),
    ("score_predictor.bbox_pred", 0.1),
]
VARIANTS = {
    "r50": dict(
        name="seqnext_gfn_resnet50_prw",
        gains=[
            ("faster_rcnn_predictor.cls_score", 4.0),
            ("score_predictor.cls_score", 4.0),
        ],
        offsets={"roi_heads.score_predictor.cls_score.bias": [0.5]},
    ),
    "cnb": dict(
        name="seqnext_gfn_convnext_base_prw",
        gains=[],
        offsets={"roi_heads.faster_rcnn_predictor.cls_score.bias": [0.0, 3.6]},
    ),
}
MODELS_OF = {"r50": "gfn_r50.py", "cnb": "gfn_convnext-b.py"}
OF_SCENES = ("scene_embedder.", "fusion.")


def golden(name: str) -> dict[str, np.ndarray]:
    with np.load(DATA / f"{name}.npz", allow_pickle=False) as file:
        return dict(file)


def noise(key: str, shape) -> torch.Tensor:
    generator = torch.Generator().manual_seed(zlib.crc32(key.encode()))
    return torch.rand(tuple(shape), generator=generator) - 0.5


def weight(key: str, shape, gains) -> torch.Tensor:
    if "fuser.norm" in key and key.endswith("running_mean"):
        return noise(key, shape) * 0.01
    if "fuser.norm" in key and key.endswith("running_var"):
        return (noise(key, shape) * 0.5 + 1.0) * 1e-4
    if key.endswith("running_mean"):
        return noise(key, shape) * 0.2
    if key.endswith("running_var"):
        return noise(key, shape) * 0.5 + 1.0
    if key.endswith("layer_scale"):
        return noise(key, shape) * 0.6
    if len(shape) == 1 and key.endswith("weight"):
        return noise(key, shape) * 0.2 + 1.0
    if len(shape) <= 1:
        return noise(key, shape) * 0.2
    gain = next((g for part, g in gains if part in key), 1.0)
    value = noise(key, shape) * math.sqrt(12.0 * gain / math.prod(shape[1:]))
    if "projectors" in key or "score_predictor.cls_score" in key:
        value = (value.double() - value.double().mean(1, keepdim=True)).float()
    return value


def public_state(variant: str, ids: int, queue: int) -> dict[str, torch.Tensor]:
    """A filled state dict with the public implementation's names."""
    chosen = VARIANTS[variant]
    listed = json.loads((DATA / "state_dict.json").read_text())["variants"]
    gains, state = [*chosen["gains"], *BASE_GAINS], {}
    for key, shape, dtype in listed[chosen["name"]]["state"]:
        if key.endswith("reid_loss.lut"):
            shape = [ids, shape[1]]
        if key.endswith("reid_loss.cq"):
            shape = [queue, shape[1]]
        if "int" in dtype:
            state[key] = torch.zeros(shape, dtype=torch.int64)
            continue
        state[key] = weight(key, shape, gains)
        if key in chosen["offsets"]:
            state[key] += torch.tensor(chosen["offsets"][key])
    return state


def build(
    variant: str,
    ids: int = 10,
    queue: int = 500,
    without_filter: bool = False,
    **changes,
):
    """The published model, loaded with converted weights; SeqNeXt alone or with GFN."""
    name = MODELS_OF[variant]
    name = name.replace("gfn", "seqnext") if without_filter else name
    path = ROOT / "configs" / "_base_" / "models" / name
    config = Config.fromfile(path)
    config.merge_from_dict({"model": changes})
    model = config.model
    model.data_preprocessor = None
    model.reid_loss.update(num_identities=ids, queue_size=queue)
    stages = (model.search_head.detection_stage, model.search_head.search_stage)
    for part in (model.backbone, model.get("scene_stage", {}), *stages):
        part["init_cfg"] = None
    model = MODELS.build(model)
    state, report = convert_gfn({"model": public_state(variant, ids, queue)})
    assert not report.unmatched
    if without_filter:
        state = {k: v for k, v in state.items() if not k.startswith(OF_SCENES)}
    unfilled = {
        key: value
        for key, value in model.state_dict().items()
        if key.endswith("num_batches_tracked") and key not in state
    }
    model.load_state_dict({**state, **unfilled}, strict=True)
    return model


def image(name: str, height: int, width: int) -> torch.Tensor:
    """Deterministic normalised image ``(3, H, W)``."""
    g = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    contrast = torch.randint(30, 200, (3, 1, 1), generator=g)
    size = (3, (height + 15) // 16, (width + 15) // 16)
    coarse = torch.randint(0, 1000, size, generator=g) * contrast // 1000
    fine = torch.randint(0, 56, (3, height, width), generator=g)
    coarse = coarse.repeat_interleave(16, 1).repeat_interleave(16, 2)
    pixels = coarse[:, :height, :width] + fine
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return (pixels.float() / 255.0 - mean) / std
