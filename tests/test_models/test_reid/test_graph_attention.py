import torch
import torch.nn.functional as F
from torch.testing import assert_close

from mmpsearch.models.reid.graph_attention import GraphAttention, attention_weights


def test_weights_equal_a_loop():
    values, scores = torch.randn(3, 4), torch.randn(2, 4)
    neighbours = torch.tensor([[1, 1, 0], [1, 1, 1], [0, 0, 1]]).bool()
    got = attention_weights(values, scores, neighbours)
    for i in range(3):
        exps = [
            F.leaky_relu(scores[0] @ values[i] + scores[1] @ values[j], 0.2).exp()
            if neighbours[i, j]
            else torch.tensor(0.0)
            for j in range(3)
        ]
        assert_close(got[i], torch.stack(exps) / sum(exps))


def test_a_node_alone_is_transformed():
    layer, nodes = GraphAttention(4, 3), torch.randn(2, 4)
    layer.eval()
    assert_close(layer(nodes, torch.eye(2).bool()), nodes @ layer.weight)


def test_initial_spread_is_xavier_s():
    layer = GraphAttention(64, 32)
    assert layer.weight.abs().max() <= 1.414 * (6 / 96) ** 0.5
    assert layer.scores.abs().max() <= 1.414 * (6 / 65) ** 0.5
    assert layer.scores.abs().max() > 0.8 * 1.414 * (6 / 65) ** 0.5
