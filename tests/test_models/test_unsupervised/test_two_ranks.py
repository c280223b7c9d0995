"""SpCL's memory, clusters and step: two gloo ranks against one process."""

from types import SimpleNamespace

import pytest
import torch
from mmengine.dataset import pseudo_collate
from torch.utils.data import DataLoader

from mmpsearch.engine.hooks import PseudoLabelHook
from mmpsearch.registry import DATA_SAMPLERS, DATASETS, MODELS
from tests.distributed import run_two_ranks
from tests.spcl_runs import render, small_config

BATCH = 16


def make_runner(data, ranks):
    """What the hook needs of a runner; batch norms of all ranks' pictures."""
    config = small_config("spcl_r18_synth-adaptation.py", data, "unused")
    config.model.backbone.norm_cfg = dict(type="mmpsearch.SafeBatchNorm2d")
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    loader = config.train_dataloader
    dataset = DATASETS.build(loader.dataset)
    dataset.full_init()
    size = BATCH // ranks
    sampler = dict(loader.sampler, dataset=dataset, batch_size=size, seed=0)
    loader = DataLoader(
        dataset, size, sampler=DATA_SAMPLERS.build(sampler), collate_fn=pseudo_collate
    )
    silent = SimpleNamespace(info=lambda *_: None)
    hook = next(h for h in config.custom_hooks if "PseudoLabel" in h.pop("type"))
    runner = SimpleNamespace(model=model, train_dataloader=loader, logger=silent)
    runner.iter = runner.epoch = 0
    return runner, PseudoLabelHook(**hook)


def train(rank, data, ranks=2):
    """Memory before and after one step, clusters, loss, and a gradient."""
    runner, hook = make_runner(data, ranks)
    hook.before_train(runner)
    filled = runner.model.memory.features.clone()
    hook.before_train_epoch(runner)
    model = runner.model.train()
    batch = model.data_preprocessor(next(iter(runner.train_dataloader)), True)
    losses = model.loss(**batch)
    sum(losses.values()).backward()
    memory = model.memory
    return dict(
        filled=filled,
        labels=memory.labels,
        threshold=memory.least_independence,
        loss=sum(losses.values()).detach(),
        gradient=model.backbone.conv1.weight.grad,
        features=memory.features,
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return render(tmp_path_factory.mktemp("rendered"))


def test_two_ranks_equal_one_process(data):
    alone = train(0, data, ranks=1)
    first, second = run_two_ranks(train, data)
    for key in ("filled", "labels", "threshold", "features"):
        assert torch.equal(first[key], second[key]), key
    assert torch.equal(first["labels"], alone["labels"])
    assert torch.allclose(first["filled"], alone["filled"], atol=1e-5)
    assert torch.allclose(first["features"], alone["features"], atol=1e-4)
    for key in ("loss", "gradient"):  # of DistributedDataParallel: the mean
        mean = (first[key] + second[key]) / 2
        assert torch.allclose(mean, alone[key], rtol=1e-3, atol=1e-4), key
