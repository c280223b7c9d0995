import torch
from torch import nn

from mmpsearch.models.layers.domain_batch_norm import (
    DomainBatchNorm,
    split_batch_norms,
    use_domain,
)


def make_network():
    torch.manual_seed(0)
    inner = nn.Sequential(nn.Conv2d(2, 3, 1), nn.BatchNorm2d(3))
    return nn.Sequential(inner, nn.Flatten(), nn.BatchNorm1d(12))


def test_each_domain_has_its_own_statistics():
    network = make_network()
    split_batch_norms(network)
    norm = network[0][1]
    assert isinstance(norm, DomainBatchNorm) and isinstance(network[2], DomainBatchNorm)
    source, target = torch.randn(4, 2, 2, 2), 5 + torch.randn(4, 2, 2, 2)
    with use_domain(network, "source"):
        network(source)
    assert norm.source.num_batches_tracked == 1
    assert norm.target.num_batches_tracked == 0
    network(target)
    assert norm.target.num_batches_tracked == 1
    assert not torch.allclose(norm.source.running_mean, norm.target.running_mean)


def test_weights_of_an_ordinary_network_go_to_both():
    ordinary, split = make_network(), make_network()
    for value in ordinary.state_dict().values():
        value.add_(1)  # in place
    split_batch_norms(split)
    missing, unexpected = split.load_state_dict(ordinary.state_dict())
    assert not missing and not unexpected
    for norm, old in ((split[0][1], ordinary[0][1]), (split[2], ordinary[2])):
        for name, value in old.state_dict().items():
            assert torch.equal(norm.source.state_dict()[name], value)
            assert torch.equal(norm.target.state_dict()[name], value)


def test_its_own_checkpoint_keeps_the_two_apart():
    first, second = make_network(), make_network()
    split_batch_norms(first)
    split_batch_norms(second)
    with use_domain(first, "source"):
        first(torch.randn(4, 2, 2, 2))
    second.load_state_dict(first.state_dict())
    mean = second[0][1].source.running_mean
    assert torch.equal(mean, first[0][1].source.running_mean)
    assert not torch.equal(mean, second[0][1].target.running_mean)


def test_the_domain_is_restored_after_an_error():
    network = make_network()
    split_batch_norms(network)
    try:
        with use_domain(network, "source"):
            raise RuntimeError
    except RuntimeError:
        pass
    assert network[2].domain == "target"
