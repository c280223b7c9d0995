import pytest
import torch
from torch.testing import assert_close

from mmpsearch.models.necks import (
    DropBlockNeck,
    GlobalPoolNeck,
    MGNNeck,
    StripeNeck,
    TokenNeck,
)
from mmpsearch.models.necks.drop_block_neck import block_mask


def rows(height=12, channels=2):
    """A map whose value is its row."""
    values = torch.arange(float(height))[None, None, :, None]
    return values.expand(1, channels, height, 3)


@pytest.mark.parametrize(
    "pool, value", [("avg", 5.5), ("max", 11.0), ("avg_max", 16.5)]
)
def test_global_pooling_of_the_last_map(pool, value):
    parts = GlobalPoolNeck(pool)((torch.zeros(1, 9, 4, 4), rows()))
    assert_close(parts, {"whole": torch.full((1, 2), value)})


def test_generalised_mean_lies_between_mean_and_maximum():
    neck, x = GlobalPoolNeck("gem"), rows()
    want = (torch.arange(12.0) ** 3).mean() ** (1 / 3)
    assert_close(neck((x,))["whole"], want.expand(1, 2))
    neck.pool.power.data.fill_(1)
    assert_close(neck((x,))["whole"], torch.full((1, 2), 5.5))
    assert neck.pool.power.requires_grad


def test_generalised_mean_is_finite_in_half_precision_and_at_zero():
    pool = GlobalPoolNeck("gem").pool
    x = torch.full((1, 1, 2, 2), 200.0, dtype=torch.float16)
    assert_close(pool(x).item(), 200.0, rtol=1e-4, atol=1e-3)
    zeros = torch.zeros(1, 1, 2, 2, requires_grad=True)
    pool(zeros).sum().backward()
    assert zeros.grad.isfinite().all() and pool.power.grad.isfinite().all()


def test_unknown_pooling_is_refused():
    with pytest.raises(ValueError, match="pool must be avg, max, avg_max, gem or"):
        GlobalPoolNeck("median")


def test_tokens():
    tokens = torch.arange(8.0).reshape(1, 4, 2)
    assert_close(TokenNeck()((tokens,))["whole"], tokens[:, 0])
    mean = TokenNeck("mean")((tokens,))["whole"]
    assert_close(mean, torch.tensor([[4.0, 5.0]]))
    with pytest.raises(ValueError, match="token must be"):
        TokenNeck("last")


def test_stripes_from_top_to_bottom():
    parts = StripeNeck(6)((rows(),))
    got = {name: part[0, 0].item() for name, part in parts.items()}
    assert got == {f"stripe{i}": 2 * i + 0.5 for i in range(6)}


def test_stripes_need_a_fitting_height():
    with pytest.raises(ValueError, match="16 rows cannot be cut into 6"):
        StripeNeck(6)((rows(16),))


def test_mgn_parts():
    parts = MGNNeck("max")((rows(6), rows(12) + 100, rows(12) + 200))
    got = {name: part[0, 0].item() for name, part in parts.items()}
    assert got == dict(
        b1=5, b2=111, b3=211, b21=105, b22=111, b31=203, b32=207, b33=211
    )


def test_drop_block_covers_a_third_of_the_rows():
    torch.manual_seed(0)
    tops = set()
    for _ in range(200):
        mask = block_mask(24, 8, (0.33, 1.0))
        dropped = (mask == 0).nonzero()[:, 0]
        assert len(dropped) == 8 * 8 and mask[dropped.unique()].sum() == 0
        tops.add(int(dropped.min()))
    assert tops == set(range(17))


def test_drop_block_in_training_only():
    torch.manual_seed(0)
    neck, x = DropBlockNeck(8), torch.rand(2, 8, 12, 4)
    neck.eval()
    first, second = neck((x,)), neck((x,))
    assert_close(first["part"], second["part"])
    assert_close(first["whole"], x.mean((2, 3)))
    assert_close(first["part"], neck.bottleneck(x).amax((2, 3)))
    neck.train()
    seen = {round(neck((x,))["part"].sum().item(), 3) for _ in range(20)}
    assert len(seen) > 1
