"""What a vision transformer is shown, against the released code's torchvision."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import Compose
from PIL import Image
from torchvision import transforms

from mmpsearch.registry import MODELS

ROOT = Path(__file__).parents[3] / "configs"
SIZES = [(600, 240), (256, 128), (97, 41)]


def crop_file(path, size, suffix):
    rng = np.random.default_rng(0)
    noise = rng.integers(256, size=(size[0] // 7 + 2, size[1] // 7 + 2, 3))
    image = Image.fromarray(noise.astype(np.uint8)).resize(size[::-1])
    image.save(path / f"crop.{suffix}")
    return path / f"crop.{suffix}"


@pytest.mark.parametrize("suffix", ["png", "jpg"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "name, filter_",
    [
        ("reid/vit/vit-s_market1501.py", Image.Resampling.BILINEAR),
        ("reid/bot/bot_r50_market1501.py", Image.Resampling.BICUBIC),
        ("reid/osnet/osnet_x1-0_market1501.py", Image.Resampling.BILINEAR),
    ],
)
def test_testing_shows_equal_pixels(name, filter_, size, suffix, tmp_path):
    file = crop_file(tmp_path, size, suffix)
    config = Config.fromfile(ROOT / name)
    sample = Compose(config.test_dataloader.dataset.pipeline)(dict(img_path=str(file)))
    resize = transforms.Resize((256, 128), interpolation=filter_)
    released = np.asarray(resize(Image.open(file).convert("RGB")))
    ours = sample["inputs"].numpy()[::-1].transpose(1, 2, 0)
    assert ours.dtype == np.uint8 and np.array_equal(ours, released)


def test_normalised_as_the_released_transformer(tmp_path):
    file = crop_file(tmp_path, (600, 240), "png")
    config = Config.fromfile(ROOT / "reid/vit/vit-b_msmt17.py")
    sample = Compose(config.test_dataloader.dataset.pipeline)(dict(img_path=str(file)))
    preprocessor = MODELS.build(config.model.data_preprocessor)
    ours = preprocessor(dict(inputs=[sample["inputs"]]), False)["inputs"][0]
    released = transforms.Compose(
        [
            transforms.Resize((256, 128)),
            transforms.ToTensor(),
            transforms.Normalize([0.5] * 3, [0.5] * 3),
        ]
    )(Image.open(file))
    torch.testing.assert_close(ours, released, rtol=0, atol=1e-6)


def test_training_resizes_by_bicubic_pillow():
    config = Config.fromfile(ROOT / "reid/vit/vit-s_market1501.py")
    (resize,) = [
        each
        for each in config.train_dataloader.dataset.pipeline
        if each.type == "mmcv.Resize"
    ]
    assert (resize.interpolation, resize.backend) == ("bicubic", "pillow")


def test_every_bias_of_the_transformer_learns_at_twice_the_rate():
    from mmpsearch.registry import OPTIM_WRAPPER_CONSTRUCTORS

    config = Config.fromfile(ROOT / "reid/vit/vit-s_market1501.py")
    config.model.backbone.init_cfg = None
    model = MODELS.build(config.model)
    settings = dict(config.optim_wrapper)
    constructor = OPTIM_WRAPPER_CONSTRUCTORS.build(
        dict(
            type=settings.pop("constructor"),
            paramwise_cfg=settings.pop("paramwise_cfg"),
            optim_wrapper_cfg=settings,
        )
    )
    names = {id(p): name for name, p in model.named_parameters()}
    rates = {
        names[id(p)]: group["lr"]
        for group in constructor(model).optimizer.param_groups
        for p in group["params"]
    }
    norms = [n for n in rates if "norm" in n and n.endswith("bias")]
    assert len(norms) == 25
    for name, rate in rates.items():
        assert rate == (8e-4 if "bias" in name else 4e-4), name
