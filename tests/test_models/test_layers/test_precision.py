"""Precision under autocast."""

import torch

from mmpsearch.models.layers.precision import at_least_float32, full_precision


def test_dtypes():
    for given in (torch.float16, torch.bfloat16, torch.float32):
        assert at_least_float32(torch.ones(1, dtype=given)).dtype == torch.float32
    x = torch.ones(1, dtype=torch.float64)
    assert at_least_float32(x) is x


def test_products_are_not_rounded():
    a, b = torch.randn(4, 8), torch.randn(8, 3)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert (a @ b).dtype == torch.bfloat16
        with full_precision(a):
            product = a @ b
        assert (a @ b).dtype == torch.bfloat16
    assert torch.equal(product, a @ b)
