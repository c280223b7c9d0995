"""How often a training step asks the device for a number, and so waits for it."""

from collections import Counter

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from mmpsearch.utils.schedules import TrainingProgress
from tests.test_models.test_reid import test_mpanet
from tests.test_models.test_reid.test_ddag import make_samples
from tests.test_models.test_unsupervised import test_spcl
from tests.test_models.tiny_spnet import A_SAMPLE, QUERY_CENTRIC, scene, tiny_spnet
from tests.test_models.tiny_two_stage import tiny_two_stage, two_stage_scene

# their results' sizes depend on values
SIZED_BY_VALUES = ("nonzero", "_unique2", "unique_dim", "unique_consecutive")


class CountWaits(TorchDispatchMode):
    """Operations for which a GPU is waited for: numbers read, and sizes by values."""

    def __init__(self):
        super().__init__()
        self.counts = Counter()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = function.name().split("::")[1].split(".")[0]
        if name in ("index", "index_put", "index_put_", "_index_put_impl_"):
            masks = [i for i in args[1] if i is not None and i.dtype == torch.bool]
            filled = len(args) > 2 and args[2].numel() == 1  # becomes masked_fill
            self.counts["selection by mask"] += 0 if filled else len(masks)
        elif name in (*SIZED_BY_VALUES, "_local_scalar_dense", "masked_select"):
            self.counts[name] += 1
        return function(*args, **(kwargs or {}))


def waits_of(step):
    with CountWaits() as counter:
        losses = step()
    assert all(isinstance(value, Tensor) for value in losses.values())
    return counter.counts


def test_what_is_counted():
    x = torch.arange(4.0)

    def step():
        y = x.clone()
        y[x > 1] = 0
        y[x > 1] = x[2:] + 1
        return {"a": y[x > 2], "b": x.sum() * x.max().item(), "c": x[x.argsort()]}

    assert waits_of(step) == {"selection by mask": 2, "_local_scalar_dense": 1}


def spnet(pathway):
    model, batch = tiny_spnet(train_pathway=pathway).train(), scene(4)
    return lambda: model.loss(*batch)


def two_stage(name):
    model, batch = tiny_two_stage(name).train(), two_stage_scene(4)
    return lambda: model.loss(*batch)


def mpanet():
    model, images = test_mpanet.tiny().train(), torch.randn(4, 3, 48, 24)
    model.start_iteration(TrainingProgress(0, 0, 4))
    samples = make_samples(test_mpanet.IDS, test_mpanet.KINDS)
    return lambda: model.loss(images, samples)


def spcl():
    model = test_spcl.make_model(num_source=2, domain_batch_norm=True)
    batch = test_spcl.make_batch([0, 1, 2, 3, 4, 5, 6, 7])
    return lambda: model.loss(*batch)


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda: spnet(A_SAMPLE), 16),
        (lambda: spnet(QUERY_CENTRIC), 19),
        (lambda: two_stage("NAE+"), 79),
        (lambda: two_stage("SeqNet"), 87),
        (mpanet, 5),
        (spcl, 7),
    ],
    ids=["SPNet OC", "SPNet QC", "NAE+", "SeqNet", "MPANet", "SpCL"],
)
def test_a_step_waits_no_oftener_than_it_must(make, most):
    """Four images, two waits to sample each; 60 in two stages are MMDetection's RPN."""
    assert waits_of(make()).total() <= most
