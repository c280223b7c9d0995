import pytest
import torch
from torch.testing import assert_close

from tests.test_models.test_selfsup.small_contrast import contrast_model, contrast_views


def test_the_average_follows():
    model = contrast_model("MoCo", momentum=0.75)
    online, average = (
        dict(m.named_parameters()) for m in (model.online, model.average)
    )
    before = {name: value.clone() for name, value in average.items()}
    with torch.no_grad():
        online["neck.mlp.0.weight"].add_(1.0)
    model.after_optimizer_step()
    for name, value in average.items():
        assert_close(value, 0.75 * before[name] + 0.25 * online[name])


def test_it_starts_as_the_online_encoder(tmp_path):
    source = contrast_model("MoCo", seed=7, norm=dict(type="BN"))
    source.loss(contrast_views())  # running statistics
    torch.save(dict(state_dict=source.state_dict()), tmp_path / "weights.pth")
    model = contrast_model("MoCo", norm=dict(type="BN"))
    model.online.backbone.init_cfg = dict(
        type="Pretrained",
        checkpoint=str(tmp_path / "weights.pth"),
        prefix="online.backbone.",
    )
    model._is_init = model.online._is_init = model.online.backbone._is_init = False
    model.init_weights()
    want = source.online.backbone.state_dict()
    for encoder in (model.online, model.average):
        for name, value in encoder.backbone.state_dict().items():
            assert torch.equal(value, want[name]), name
    assert not any(p.requires_grad for p in model.average.parameters())


def test_every_trained_parameter_has_a_gradient():
    model = contrast_model("MoCo")
    model.loss(contrast_views())["loss_global"].backward()
    trained = [p for p in model.parameters() if p.requires_grad]
    assert len(trained) == len(list(model.online.parameters()))
    assert all(p.grad is not None for p in trained)


@pytest.mark.parametrize("settings", [dict(), dict(key_groups=1, norm=dict(type="BN"))])
def test_shuffling_alone_changes_no_key(settings):
    views = contrast_views(batch=6)
    shuffled, plain = (
        contrast_model("MoCo", shuffle=shuffle, **settings) for shuffle in (True, False)
    )
    one, other = shuffled.loss(views), plain.loss(views)
    assert_close(one["loss_global"], other["loss_global"])
    assert_close(shuffled.bank.queues, plain.bank.queues)


@pytest.mark.parametrize("kind", ["MoCo", "UPReID"])
def test_batch_norms_of_keys_see_parts_of_the_batch(kind):
    """In one process: else a key and its query share their statistics."""
    model, seen = contrast_model(kind, norm=dict(type="BN")), []
    first = model.average.backbone.bn1
    first.register_forward_pre_hook(lambda _, inputs: seen.append(len(inputs[0])))
    model.loss(contrast_views(batch=8))
    whole = [4, 4]  # images
    with_patches = [4, 32] * 2 + [8]  # and originals, which are not shuffled
    assert seen == (whole if kind == "MoCo" else with_patches)


@pytest.mark.parametrize(
    "wrong", [dict(temperature=0), dict(momentum=1.5), dict(key_groups=0)]
)
def test_settings_out_of_range(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        contrast_model("MoCo", **wrong)


def test_embeddings():
    model, (image, *_) = contrast_model("MoCo"), contrast_views()
    found = model(image, mode="tensor")
    assert found.shape == (3, 8) and torch.equal(found, model.online(image))
    assert_close(torch.linalg.vector_norm(found, dim=1), torch.ones(3))
