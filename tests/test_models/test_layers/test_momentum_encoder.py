"""The momentum encoder against its closed form."""

import torch
from torch import nn

from mmpsearch.models.layers.momentum_encoder import MomentumEncoder


def modules():
    torch.manual_seed(0)
    return {"body": nn.Linear(3, 4), "norm": nn.BatchNorm1d(4)}


def change(encoder):
    with torch.no_grad():
        for module in encoder.values():
            for parameter in module.parameters():
                parameter.add_(torch.randn_like(parameter))


def weights(encoder):
    return [p.detach().clone() for m in encoder.values() for p in m.parameters()]


def test_starts_as_an_exact_copy_of_the_first_training_iteration():
    encoder = modules()
    momentum = MomentumEncoder(encoder, rate=0.1)
    change(encoder)  # as when pre-trained weights are loaded after construction
    momentum.copy_at_start(encoder)
    for ours, theirs in zip(
        momentum.module.parameters(), weights(encoder), strict=True
    ):
        assert torch.equal(ours, theirs)
    start = weights(encoder)
    change(encoder)
    momentum.copy_at_start(encoder)  # only at the start
    for ours, theirs in zip(momentum.module.parameters(), start, strict=True):
        assert torch.equal(ours, theirs)


def test_equals_the_closed_form_after_some_steps():
    encoder, rate, steps = modules(), 0.2, 5
    momentum = MomentumEncoder(encoder, rate)
    momentum.copy_at_start(encoder)
    history = [weights(encoder)]
    for _ in range(steps):
        change(encoder)
        momentum.follow(encoder)
        history.append(weights(encoder))
    factors = [(1 - rate) ** steps]
    factors += [rate * (1 - rate) ** (steps - i) for i in range(1, steps + 1)]
    assert abs(sum(factors) - 1) < 1e-12
    for position, ours in enumerate(momentum.module.parameters()):
        expected = sum(
            f * past[position] for f, past in zip(factors, history, strict=True)
        )
        torch.testing.assert_close(ours.data, expected)


def test_only_parameters_are_averaged_and_none_is_trained():
    encoder = modules()
    momentum = MomentumEncoder(encoder, rate=0.5)
    assert not any(p.requires_grad for p in momentum.parameters())
    momentum.copy_at_start(encoder)
    encoder["norm"](torch.randn(8, 4))  # moves the running statistics
    momentum.follow(encoder)
    ours = momentum.module["norm"].running_mean
    assert torch.equal(ours, encoder["norm"].running_mean)
    assert torch.equal(encoder["body"].weight, modules()["body"].weight)


def test_state_survives_a_checkpoint():
    encoder = modules()
    momentum = MomentumEncoder(encoder, rate=0.5)
    momentum.copy_at_start(encoder)
    change(encoder)
    momentum.follow(encoder)
    restored = MomentumEncoder(modules(), rate=0.5)
    restored.load_state_dict(momentum.state_dict())
    before = [p.clone() for p in restored.module.parameters()]
    restored.copy_at_start(encoder)  # a resumed run does not start over
    for ours, theirs in zip(restored.module.parameters(), before, strict=True):
        assert torch.equal(ours, theirs)
