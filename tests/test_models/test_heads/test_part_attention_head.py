import torch
from torch.testing import assert_close

from mmpsearch.models.heads import PartAttentionHead


def slow(head, feature_map, embedding):
    """One image after another, one part after another."""
    rows = []
    for image, vector in zip(feature_map, embedding, strict=True):
        stripes = [stripe.mean((1, 2)) for stripe in image.chunk(3, dim=1)]
        total = vector.clone()
        for part, gate in zip(stripes, head.gate.softmax(0), strict=True):
            products = torch.stack([head.query(part) @ head.key(p) for p in stripes])
            weights = products.softmax(0)
            pairs = zip(weights, stripes, strict=True)
            total += gate * sum(w * head.value(p) for w, p in pairs)
        rows.append(total)
    return torch.stack(rows)


def test_equals_a_loop():
    head = PartAttentionHead(8)
    torch.nn.init.normal_(head.gate)
    feature_map, embedding = torch.randn(2, 8, 6, 2), torch.randn(2, 8)
    got = head.eval()(feature_map, embedding)
    assert_close(got.pooled, slow(head, feature_map, embedding))
    scale = head.bottleneck.weight / (1 + 1e-5) ** 0.5
    assert_close(got.after_bn, got.pooled * scale)


def test_shift_is_not_learnt_and_parts_start_alike():
    head = PartAttentionHead(8)
    assert not head.bottleneck.bias.requires_grad
    assert_close(head.gate.softmax(0), torch.full((3,), 1 / 3))
