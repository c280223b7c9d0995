"""A model and a data set of a few numbers, to run the real Runner on."""

import time
from pathlib import Path

import torch
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel
from torch import nn
from torch.utils.data import Dataset

from mmpsearch.errors import DataError
from mmpsearch.models.training_facts import TrainingFacts
from mmpsearch.registry import DATASETS, METRICS, MODELS


@MODELS.register_module()
class ToyModel(TrainingFacts, BaseModel):
    """Regression with dropout: its training draws random numbers."""

    def __init__(
        self,
        width: int = 8,
        num_identities: int = 3,
        dropout: float = 0.5,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.hidden = nn.Linear(4, width)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(width, 1)
        self.num_identities = num_identities

    def identity_table(self):
        return "ToyModel", self.num_identities

    def forward(self, inputs, data_samples=None, mode="tensor"):
        rows, target = torch.stack(inputs["x"]), torch.stack(inputs["y"])
        guess = self.output(self.dropout(self.hidden(rows).relu()))[:, 0]
        if mode == "loss":
            return dict(loss=(guess - target).square().mean())
        return [dict(error=error) for error in (guess - target).square()]


@DATASETS.register_module()
class ToyDataset(Dataset):
    """Rows of four numbers; the target is their sum.

    Args:
        size: number of rows.
        delay: seconds that each takes to load.
        bad: position of a row that cannot be read.
    """

    num_identities = 3

    def __init__(self, size: int = 8, delay: float = 0.0, bad: int = -1) -> None:
        self.bad = bad
        self.delay = delay
        self.rows = torch.randn(size, 4, generator=torch.Generator().manual_seed(0))
        self.metainfo = dict(classes=("person",), protocol=self)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict:
        time.sleep(self.delay)
        if index == self.bad:
            raise DataError("row.csv: is cut off")
        return dict(inputs=dict(x=self.rows[index], y=self.rows[index].sum()))


@METRICS.register_module()
class ToyMetric(BaseMetric):
    def process(self, data_batch, data_samples) -> None:
        self.results.extend(float(sample["error"]) for sample in data_samples)

    def compute_metrics(self, results: list) -> dict:
        return dict(mAP=-sum(results) / len(results))


def toy_config_text() -> str:
    """A whole config, for the tools; four epochs of four iterations."""
    root = Path(__file__).parents[1]
    return f"""
_base_ = "{root}/configs/_base_/default_runtime.py"
custom_imports = dict(
    imports=["mmpsearch.registry", "tests.toy_training"], allow_failed_imports=False
)
loader = dict(
    batch_size=2,
    num_workers=0,
    sampler=dict(type="mmpsearch.ViewSampler"),
    dataset=dict(type="mmpsearch.ToyDataset"),
)
model = dict(type="mmpsearch.ToyModel")
train_dataloader = loader
train_cfg = dict(by_epoch=True, max_epochs=4, val_interval=2)
optim_wrapper = dict(type="OptimWrapper", optimizer=dict(type="AdamW", lr=0.1))
val_dataloader = loader
val_cfg = dict()
val_evaluator = dict(type="mmpsearch.ToyMetric")
test_dataloader = loader
test_cfg = dict()
test_evaluator = [val_evaluator]
"""
