"""Two ranks pre-train MMGL as one process with both batches would."""

import torch
from torch.nn.parallel import DistributedDataParallel
from torch.testing import assert_close

from mmpsearch.models.selfsup.stripes import random_permutations
from tests.distributed import run_two_ranks
from tests.test_models.test_selfsup.test_mmgl import BACKBONE, small_mmgl

PAIRS = 3


def step(rank):
    """Loss and gradients of a rank's pairs; None: of all."""
    model = small_mmgl(
        backbone={**BACKBONE, "norm_cfg": dict(type="mmpsearch.SafeBatchNorm2d")},
        permutation_loss=dict(
            type="mmpsearch.PermutationReconstructionLoss", noise_factor=0.0, samples=1
        ),
    ).train()
    generator = torch.Generator().manual_seed(0)
    orders = random_permutations(2 * PAIRS, 6, generator)
    pictures = torch.randn(2, 2 * PAIRS, 3, 96, 32, generator=generator)
    own = {None: slice(None), 0: slice(None, PAIRS), 1: slice(PAIRS, None)}[rank]
    inputs, orders = pictures[:, own].flatten(0, 1), orders[own].repeat(2, 1)
    modalities = torch.arange(2).repeat_interleave(len(inputs) // 2)
    wrapped = model if rank is None else DistributedDataParallel(model)
    losses = wrapped(inputs, mode="loss", modalities=modalities, permutations=orders)
    model.parse_losses(losses)[0].backward()
    values = {key: value.detach() for key, value in losses.items()}
    return values, {name: p.grad for name, p in model.named_parameters()}


def test_two_ranks_equal_one_process():
    (first, gradients), (second, same) = run_two_ranks(step)
    whole, wanted = step(None)
    for key, value in whole.items():
        if key == "paired_share":  # for the log: found among a rank's own stripes
            continue
        assert_close((first[key] + second[key]) / 2, value)
    for name, gradient in wanted.items():
        assert_close(gradients[name], same[name])
        assert_close(gradients[name], gradient, atol=2e-5, rtol=1e-3)
