import numpy as np
import pytest
import torch

from mmpsearch.datasets.transforms import MultiView, PackViews, PersonViews
from mmpsearch.datasets.transforms.person_views import random_view
from mmpsearch.datasets.transforms.views import SOMETIMES_GREY
from mmpsearch.registry import TRANSFORMS


def picture(height=40, width=20):
    rows = np.linspace(0, 255, height)[:, None, None]
    return np.broadcast_to(rows, (height, width, 3)).astype(np.uint8).copy()


def test_each_view_comes_from_the_picture_itself():
    small = [dict(type="mmcv.Resize", scale=(5, 10))]
    flipped = [dict(type="mmcv.RandomFlip", prob=1.0)]
    image = picture()
    image[0, 0] = 77
    transform = MultiView([small, flipped], [1, 2])
    results = transform(dict(img=image, person_id=3))
    shapes = [view.shape for view in results["views"]]
    assert shapes == [(10, 5, 3), (40, 20, 3), (40, 20, 3)]
    assert np.array_equal(results["views"][1], image[:, ::-1])
    assert results["img"] is image and results["person_id"] == 3


def test_numbers_must_fit():
    with pytest.raises(ValueError, match="1 pipelines, but 2 numbers"):
        MultiView([[]], [1, 2])


def test_person_views_have_their_sizes():
    transform = TRANSFORMS.build(
        dict(
            type="mmpsearch.PersonViews",
            global_size=(64, 32),
            local_size=(24, 16),
            local_views=3,
        )
    )
    views = transform(dict(img=picture()))["views"]
    assert [view.shape[:2] for view in views] == [(64, 32)] * 2 + [(24, 16)] * 3
    assert all(view.dtype == np.uint8 for view in views)


def test_the_recipe_is_dino_s():
    first, second, local = PersonViews.recipe((256, 128), (96, 64), *[(0.1, 1)] * 3)
    blurs = [view[4]["prob"] for view in (first, second, local)]
    solarised = [view[5]["prob"] for view in (first, second, local)]
    assert blurs == [1.0, 0.1, 0.5] and solarised == [0.0, 0.2, 0.0]
    kinds = [step["type"].split(".")[1] for step in first]
    assert kinds == [
        "RandomResizedCrop",
        "RandomFlip",
        "RandomApply",
        "RandomGrayscale",
        "GaussianBlur",
        "Solarize",
    ]


def test_grey_is_luminance():
    grey = TRANSFORMS.build({**SOMETIMES_GREY, "prob": 1.0})
    image = np.zeros((2, 2, 3), np.uint8)
    image[..., 0] = 200  # blue
    assert np.abs(grey(dict(img=image))["img"].astype(int) - 23).max() <= 1
    assert grey(dict(img=image))["img"].dtype == np.uint8


def test_what_is_cut_out_has_the_asked_area_and_aspect():
    crop = TRANSFORMS.build(random_view((8, 8), (0.1, 0.8), (3 / 8, 2 / 3), 0.0)[0])
    np.random.seed(0)
    areas, aspects = [], []
    for _ in range(300):
        _, _, height, width = crop.rand_crop_params(picture(200, 100))
        areas.append(height * width / 20000)
        aspects.append(width / height)
    assert 0.09 < min(areas) < 0.15 and 0.75 < max(areas) < 0.81
    assert 0.36 < min(aspects) < 0.4 and 0.63 < max(aspects) < 0.68


def test_packing():
    view = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    masks = np.zeros((2, 1, 2), dtype=bool)
    packed = PackViews()(dict(views=[view], masks=masks))
    assert torch.equal(packed["inputs"][0][1], torch.from_numpy(view[..., 1]))
    assert packed["masks"].dtype == torch.bool
    assert "masks" not in PackViews()(dict(views=[view]))
