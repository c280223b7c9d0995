import torch
import torch.nn.functional as F
from torch.testing import assert_close

from mmpsearch.models.reid import MirrorTestedReIDModel, ReIDModel

PARTS = dict(
    backbone=dict(
        type="mmpsearch.ReIDResNet", depth=18, stem_channels=8, base_channels=4
    ),
    neck=dict(type="mmpsearch.GlobalPoolNeck"),
    heads=dict(whole=dict(type="mmpsearch.EmbeddingHead", in_channels=32)),
)


def test_embedding_is_the_mean_of_image_and_mirror_image():
    model = MirrorTestedReIDModel(**PARTS).eval()
    plain = ReIDModel(**PARTS).eval()
    plain.load_state_dict(model.state_dict())
    images = torch.randn(2, 3, 48, 24)
    with torch.no_grad():
        own, mirrored = plain.extract(images), plain.extract(images.flip(3))
        got = model.extract(images)
        assert_close(model.extract(images.flip(3)), got)
    want = (F.normalize(own, dim=1) + F.normalize(mirrored, dim=1)) / 2
    assert_close(got, want / want.norm(dim=1, keepdim=True))
