import pytest
import torch
from torch.testing import assert_close

from mmpsearch.models.reid import ChannelExchangePreprocessor
from mmpsearch.models.reid.channel_exchange import draw_kinds, mix_channels
from tests.test_models.test_reid.test_ddag import make_samples


def test_mixes_by_hand():
    image = torch.tensor([1.0, 2.0, 3.0])[None, :, None, None]
    got = mix_channels(image.expand(5, -1, -1, -1), torch.arange(5))[..., 0, 0]
    grey = 0.2989 + 2 * 0.587 + 3 * 0.114
    want = [[1.0] * 3, [2.0] * 3, [3.0] * 3, [grey] * 3, [1.0, 2.0, 3.0]]
    assert_close(got, torch.tensor(want))


def test_draws_have_their_shares():
    torch.manual_seed(0)
    kinds = draw_kinds(torch.arange(3).repeat_interleave(8000).eq(2).long())
    assert (kinds[:8000] == 4).all()
    shares = torch.bincount(kinds[8000:16000], minlength=5) / 8000
    assert_close(shares, torch.tensor([1, 1, 1, 0, 0]) / 3, atol=0.02, rtol=0)
    shares = torch.bincount(kinds[16000:], minlength=5) / 8000
    want = torch.tensor([2, 2, 2, 1, 1]) / 8
    assert_close(shares, want, atol=0.02, rtol=0)


def test_odd_batches_are_refused():
    with pytest.raises(ValueError, match="rgb_views=2"):
        draw_kinds(torch.tensor([0, 1]))


def test_training_alone_exchanges_behind_the_normalisation():
    preprocessor = ChannelExchangePreprocessor([0.0, 10.0, 20.0], [1.0, 2.0, 4.0])
    images = [torch.full((3, 2, 2), 40, dtype=torch.uint8) for _ in range(3)]
    batch = dict(
        inputs=images, data_samples=make_samples([0, 0, 0], ["rgb", "rgb", "ir"])
    )
    plain = torch.tensor([40.0, 15.0, 5.0])
    assert_close(preprocessor(batch)["inputs"][1, :, 0, 0], plain)
    torch.manual_seed(0)
    trained = preprocessor(batch, True)["inputs"][..., 0, 0]
    assert_close(trained[0], plain)
    assert len(trained[1].unique()) == 1 and trained[1, 0] in plain
