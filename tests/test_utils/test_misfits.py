from types import SimpleNamespace

import pytest
import torch
from torch import nn

from mmpsearch.errors import ConfigError
from mmpsearch.utils.misfits import named_misfits


class Model(nn.Module):
    """A neck that gives more channels than the head takes."""

    def __init__(self):
        super().__init__()
        self.neck = nn.Linear(4, 8)
        self.heads = nn.ModuleDict({"whole": nn.Sequential(nn.BatchNorm1d(6))})

    def forward(self, inputs):
        return self.heads["whole"](self.neck(inputs))


def test_the_part_that_does_not_fit_is_named():
    model = Model()
    with pytest.raises(ConfigError, match=r"model.heads.whole.0 \(BatchNorm1d\) does"):
        with named_misfits(SimpleNamespace(model=model, iter=0)):
            model(torch.zeros(2, 4))


def test_other_errors_stay_what_they_are():
    model = Model()
    with pytest.raises(RuntimeError, match="should contain"):
        with named_misfits(SimpleNamespace(model=model, iter=3)):
            model(torch.zeros(2, 4))
    with pytest.raises(RuntimeError, match="out of memory"):
        with named_misfits(SimpleNamespace(model=model, iter=0)):
            raise RuntimeError("out of memory")
