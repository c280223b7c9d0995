import pytest
import torch
from torch.testing import assert_close

from mmpsearch.models.backbones import VisionTransformer
from mmpsearch.models.converters.vit import convert_vit
from tests.test_models.reid_golden import (
    filled_state,
    golden_arrays,
    golden_keys,
    wave_images,
)

CLOSE = dict(atol=2e-5, rtol=1e-4)


def load(network, scale=0.12, **settings):
    """Weights filled by key, brought here by the converter."""
    state = filled_state(golden_keys(network), scale)
    mask = settings.get("mask_token", False)
    aspect = 1 if settings.get("image_size") == (224, 224) else 2
    grid = (21, 10) if settings.get("stride") == 12 else None
    converted, report = convert_vit(
        state, source_grid=grid, aspect=aspect, keep_mask_token=mask
    )
    assert not report.unmatched
    model = VisionTransformer(**settings).eval()
    prefix = "backbone."
    model.load_state_dict({k.removeprefix(prefix): v for k, v in converted.items()})
    return model


@torch.no_grad()
def test_transreid_small():
    data, model = golden_arrays("vit_forward"), load("transreid_vit_small_256x128")
    images = wave_images()
    patches = model.patch_embed(images).flatten(2).transpose(1, 2)
    assert_close(patches[:, :4], data["vits/patch_embed_first4"], **CLOSE)
    (tokens,) = model(images)
    assert_close(tokens[:, 0], data["vits/cls"], **CLOSE)
    assert_close(tokens[0, 1::8], data["vits/tokens_img0_every8"], **CLOSE)
    assert_close(tokens.mean(2), data["vits/token_mean"], **CLOSE)
    assert_close(tokens.std(2), data["vits/token_std"], **CLOSE)


@torch.no_grad()
def test_transreid_overlapping_patches():
    model = load("transreid_vit_small_256x128_stride12", stride=12)
    want = golden_arrays("vit_forward")["vits_stride12/cls"]
    assert_close(model(wave_images())[0][:, 0], want, **CLOSE)


@torch.no_grad()
def test_transreid_ibn_stem():
    data = golden_arrays("vit_forward")
    model = load("transreid_vit_small_ics_256x128", stem="ibn")
    images = wave_images()
    stem = model.patch_embed.conv(images)
    assert_close(stem.mean().double(), data["vits_ics/stem_mean_std"][0], **CLOSE)
    assert_close(stem.std().double(), data["vits_ics/stem_mean_std"][1], **CLOSE)
    assert_close(model(images)[0][:, 0], data["vits_ics/cls"], **CLOSE)


@torch.no_grad()
def test_transreid_cameras():
    model = load("transreid_vit_small_sie6", num_cameras=6)
    want = golden_arrays("vit_forward")["vits_sie/cls_cam_1_4"]
    assert_close(model(wave_images(), torch.tensor([1, 4]))[0][:, 0], want, **CLOSE)


@torch.no_grad()
def test_transreid_base():
    model = load("transreid_vit_base_256x128", arch="base")
    want = golden_arrays("vit_forward")["vitb/cls"]
    assert_close(model(wave_images())[0][:, 0], want, **CLOSE)


@torch.no_grad()
def test_dino_small_at_another_size_and_its_attention():
    data, model = golden_arrays("vit_forward"), load("dino_vit_small_256x128")
    small = wave_images(96, 64, phase=0.5)
    want = data["dino_vits/cls_96x64_phase0.5"]
    assert_close(model(small)[0][:, 0], want, **CLOSE)
    images = wave_images()
    attention = model.last_attention(images)
    assert_close(attention.sum(-1), torch.ones_like(attention[..., 0]))
    want = data["dino_vits/last_attn_cls_to_patch"]
    assert_close(attention[:, :, 0, 1:], want, **CLOSE)


@torch.no_grad()
@pytest.mark.parametrize(
    "network, golden, size, every",
    [
        ("ibot_vit_small_224_mim", "ibot_vits224", (224, 224), 14),
        ("ibot_vit_small_256x128_mim", "ibot_vits256x128", (256, 128), 8),
    ],
)
def test_ibot_masks(network, golden, size, every):
    data = golden_arrays("vit_forward")
    model = load(network, image_size=size, mask_token=True)
    mask = data[f"{golden}/mask"]
    (tokens,) = model(wave_images(*size, batch=len(mask)), mask=mask)
    assert_close(tokens[:, 0], data[f"{golden}/cls"], **CLOSE)
    patches = tokens[:, 1:][:, ::every]
    assert_close(patches, data[f"{golden}/patch_every{every}"], **CLOSE)


def tiny(**settings):
    arch = dict(dims=24, depth=2, heads=3)
    return VisionTransformer(arch, image_size=(64, 32), **settings)


def test_unknown_camera_gets_no_embedding():
    torch.manual_seed(0)
    model = tiny(num_cameras=2).eval()
    images = torch.randn(2, 3, 64, 32)
    got = model(images, torch.tensor([-1, 1]))[0]
    model.num_cameras = 0
    plain = model(images)[0]
    assert_close(got[0], plain[0])
    assert not torch.allclose(got[1], plain[1])


def test_wrong_cameras_name_the_remedy():
    model, images = tiny(num_cameras=2), torch.randn(1, 3, 64, 32)
    with pytest.raises(ValueError, match="give camera_ids"):
        model(images)
    with pytest.raises(ValueError, match=r"camera id 2 .* model.backbone.num_cameras"):
        model(images, torch.tensor([2]))


def test_drop_path_rises_to_the_last_block():
    model = VisionTransformer(dict(dims=8, depth=3, heads=1), drop_path=0.2)
    assert_close([b.drop_path.drop_prob for b in model.blocks], [0.0, 0.1, 0.2])


@torch.no_grad()
def test_places_are_told_apart_by_the_spread_of_the_position_embedding():
    torch.manual_seed(0)
    images = torch.randn(4, 3, 64, 32)
    elsewhere = images.roll(32, dims=2)  # the same patches, upper and lower exchanged

    def change(**settings):
        torch.manual_seed(0)
        model = tiny(patch_size=8, stride=8, **settings).eval()
        one, other = (model(each)[0][:, 0] for each in (images, elsewhere))
        pictures = (one - one.mean(0)).norm()  # by how much pictures differ
        return model.pos_embed.std().item(), (one - other).norm() / pictures

    published, blind = change()
    wide, seeing = change(position_std=0.5)
    assert published == pytest.approx(0.02, rel=0.1)
    assert wide == pytest.approx(0.5, rel=0.1)
    assert seeing > 5 * blind


@pytest.mark.parametrize("std", [0, -1.0])
def test_a_position_embedding_without_spread_is_refused(std):
    with pytest.raises(ValueError, match=r"above 0, .*model\.backbone\.position_std"):
        tiny(position_std=std)
