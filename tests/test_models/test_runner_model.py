"""MMEngine's entry to a model."""

import pytest
import torch

from mmpsearch.models.runner_model import RunnerModel


class Echo(RunnerModel):
    def extract(self, inputs):
        return ("features", inputs)

    def loss(self, inputs, data_samples):
        return ("loss", inputs, data_samples)

    def predict(self, inputs, data_samples):
        return ("predict", inputs, data_samples)


def test_modes():
    model, x = Echo(), torch.zeros(1)
    assert model(x) == ("features", x)
    assert model(x, [1], mode="loss") == ("loss", x, [1])
    assert model(x, [1], mode="predict") == ("predict", x, [1])
    with pytest.raises(ValueError, match="'test'"):
        model(x, [1], mode="test")
