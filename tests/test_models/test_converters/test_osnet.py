"""Outputs of torchreid's OSNets with weights filled by a rule, and what is refused.

tests/data/osnet.json: every 32nd value of both embeddings, by the public code.
"""

import hashlib
import json
import math
import re
from pathlib import Path

import pytest
import torch

from mmpsearch.errors import ConversionError
from mmpsearch.models.converters.osnet import convert_osnet
from mmpsearch.registry import MODELS

GOLDEN = json.loads((Path(__file__).parents[2] / "data" / "osnet.json").read_text())
KINDS = {
    "osnet_x1_0": (1.0, "batch"),
    "osnet_x0_75": (0.75, "batch"),
    "osnet_x0_5": (0.5, "batch"),
    "osnet_x0_25": (0.25, "batch"),
    "osnet_ibn_x1_0": (1.0, "ibn"),
    "osnet_ain_x1_0": (1.0, "ain"),
    "osnet_ain_x0_25": (0.25, "ain"),
}


def build(width, norms):
    return MODELS.build(
        dict(
            type="mmpsearch.ReIDModel",
            backbone=dict(type="mmpsearch.OSNet", width=width, norms=norms),
            neck=dict(type="mmpsearch.GlobalPoolNeck"),
            heads=dict(
                whole=dict(
                    type="mmpsearch.EmbeddingHead",
                    in_channels=int(512 * width),
                    embed_dims=512,
                    activation=True,
                    bn_neck=False,
                )
            ),
            test_stage="before_bn",
        )
    ).eval()


def their_name(name, norms):
    """A key of ours as torchreid has it: written apart from the converter's table."""
    if name.startswith("heads."):
        return re.sub(r"heads.whole.reduction.(\d)", r"fc.\1", name)
    if name.startswith("backbone.stem"):
        return name.replace("backbone.stem.0", "conv1.conv").replace(
            "backbone.stem.1", "conv1.bn"
        )
    stage, block, rest = re.match(r"backbone.stages.(\d).(\d).(.*)", name).groups()
    conv = f"conv{int(stage) + 2}"
    if block == "2":
        kind = ("conv", "bn")[int(rest[0])]
        if stage == "2":
            return f"conv5.{kind}{rest[1:]}"
        place = f"pool{int(stage) + 2}" if norms == "ain" else f"{conv}.2"
        return f"{place}.0.{kind}{rest[1:]}"
    rest = rest.replace("gate.squeeze", "gate.fc1").replace("gate.excite", "gate.fc2")
    rest = re.sub(r"^(inside|outside)", "IN", rest)
    for part, theirs in (
        ("reduce", "conv1"),
        ("expand", "conv3"),
        ("shortcut", "downsample"),
    ):
        rest = rest.replace(f"{part}.0", f"{theirs}.conv")
        rest = rest.replace(f"{part}.1", f"{theirs}.bn")
    match = re.match(r"streams.(\d).(\d).(\d)(.*)", rest)
    if match:
        stream, depth, layer, end = match.groups()
        layer = ("conv1", "conv2", "bn")[int(layer)]
        if norms == "ain":
            rest = f"conv2.{stream}.layers.{depth}.{layer}{end}"
        else:
            inner = f".{depth}" if stream != "0" else ""
            rest = f"conv2{'abcd'[int(stream)]}{inner}.{layer}{end}"
    return f"{conv}.{block}.{rest}"


def filled(name, shape):
    """Values that follow from name and shape alone."""
    start = int(hashlib.sha256(name.encode()).hexdigest()[:6], 16)
    values = torch.arange(math.prod(shape), dtype=torch.float64) * 1.7 + start
    values = values.sin()
    if name.endswith("running_var"):
        values = 1 + 0.5 * values
    elif name.endswith(("bn.weight", "IN.weight", "fc.1.weight")):
        values = 1 + 0.3 * values
    elif len(shape) > 1:
        values = values * (2 / math.prod(shape[1:])) ** 0.5 * 1.2
    else:
        values = values * 0.2
    return values.reshape(shape).float()


def torchreid_state(model, norms):
    shapes = {
        their_name(name, norms): tuple(value.shape)
        for name, value in model.state_dict().items()
        if value.dtype != torch.int64
    }
    shapes["fc.0.bias"] = (512,)
    state = {name: filled(name, shape) for name, shape in shapes.items()}
    state["classifier.weight"] = torch.ones(5, 512)
    return state


@pytest.mark.parametrize("name", KINDS)
def test_converted_weights_give_torchreid_s_outputs(name):
    width, norms = KINDS[name]
    model = build(width, norms)
    state = torchreid_state(model, norms)
    converted, report = convert_osnet({"state_dict": state, "epoch": 3})
    assert not report.unmatched
    assert "classifiers.whole.linear.weight" in converted
    wanted = model.state_dict().keys()
    missing = [key for key in wanted - converted.keys() if "num_batches" not in key]
    assert not missing
    model.load_state_dict(
        {k: v for k, v in converted.items() if k in wanted}, strict=False
    )
    pictures = (torch.arange(2 * 3 * 64 * 32) * 0.37).sin().reshape(2, 3, 64, 32)
    with torch.no_grad():
        found = model.extract(pictures)[:, ::32]
    golden = torch.tensor(GOLDEN[name])
    scale = golden.abs().max()
    torch.testing.assert_close(found / scale, golden / scale, atol=1e-5, rtol=0)


def test_what_is_no_osnet_is_refused():
    with pytest.raises(ConversionError, match="not the weights of an OSNet"):
        convert_osnet({"conv1.weight": torch.ones(1)})
    state = torchreid_state(build(0.25, "batch"), "batch")
    with pytest.raises(ConversionError, match="no fully connected layer"):
        convert_osnet({k: v for k, v in state.items() if not k.startswith("fc.")})
