"""What becomes of single keys; test_reid/test_ddag.py compares whole networks."""

import pytest
import torch
from torch.testing import assert_close

from mmpsearch.errors import ConversionError
from mmpsearch.models.converters.ddag import convert_ddag

STATE = {
    "visible_module.visible.conv1.weight": torch.randn(2, 3, 7, 7),
    "thermal_module.thermal.conv1.weight": torch.randn(2, 3, 7, 7),
    "base_resnet.base.layer4.0.conv1.weight": torch.randn(2, 2, 1, 1),
    "wpa.gate": torch.ones(3),
    "wpa.fc3.weight": torch.randn(4, 4, 1, 1),
    "attention_2.a": torch.arange(6.0)[:, None],
    "classifier.weight": torch.randn(5, 4),
    "classifier1.weight": torch.randn(5, 4),
}


def test_shapes_and_names():
    converted, report = convert_ddag({"net": STATE})
    weight = STATE["wpa.fc3.weight"][..., 0, 0]
    assert_close(converted["heads.attended.value.weight"], weight)
    scores = torch.tensor([[0.0, 1, 2], [3, 4, 5]])
    assert_close(converted["graph.heads.2.scores"], scores)
    names = {key for key in converted if key.startswith("classifiers.")}
    assert names == {f"classifiers.{n}.linear.weight" for n in ("whole", "attended")}
    assert list(report.ignored) == ["classifier1.weight"]


def test_other_networks_are_refused():
    with pytest.raises(ConversionError, match="stems.ir.conv1"):
        convert_ddag({k: v for k, v in STATE.items() if "thermal" not in k})
    with pytest.raises(ConversionError, match="wpa.gate"):
        convert_ddag({k: v for k, v in STATE.items() if "wpa" not in k})
