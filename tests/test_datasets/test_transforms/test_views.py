import numpy as np
import pytest
import torch

from mmpsearch.datasets.transforms import MultiView, PackViews, PersonViews
from mmpsearch.datasets.transforms.person_views import random_view
from mmpsearch.datasets.transforms.views import sometimes_blurred, sometimes_grey
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


def test_other_crops_are_handed_on():
    swap = [dict(type="mmpsearch.SwapBackground", kept=(0.5, 0.5))]
    white = np.full((40, 20, 3), 255, np.uint8)
    results = MultiView([swap], [2])(dict(img=picture(), mix_results=[dict(img=white)]))
    assert all((view[:, :5] == 255).all() for view in results["views"])


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
    kinds = [pipeline.transforms for pipeline in PersonViews().pipelines]
    names = [
        "RandomResizedCrop",
        "RandomFlip",
        "RandomApply",
        "RandomGrayscale",
        "GaussianBlur",
        "Solarize",
    ]
    for steps in kinds:
        assert [type(step).__name__ for step in steps] == names
    assert [steps[4].prob for steps in kinds] == [1.0, 0.1, 0.5]
    assert [steps[5].prob for steps in kinds] == [0.0, 0.2, 0.0]
    # as published at the published sizes
    assert [steps[4].magnitude_range for steps in kinds] == [(0.1, 2.0)] * 3
    assert all(steps[3].prob == 0.2 for steps in kinds)


def test_blur_is_scaled_with_the_view():
    blur = sometimes_blurred(0.5, height=64, published_height=256)
    assert blur["magnitude_range"] == (0.025, 0.5) and blur["prob"] == 0.5
    small = PersonViews(global_size=(64, 32), local_size=(24, 16)).pipelines
    ranges = [pipeline.transforms[4].magnitude_range for pipeline in small]
    assert ranges == [(0.025, 0.5)] * 2 + [(0.025, 0.5)]


def test_grey_is_luminance():
    grey = TRANSFORMS.build(sometimes_grey(1.0))
    image = np.zeros((2, 2, 3), np.uint8)
    image[..., 0] = 200  # blue
    assert np.abs(grey(dict(img=image))["img"].astype(int) - 23).max() <= 1
    assert grey(dict(img=image))["img"].dtype == np.uint8


def test_what_is_cut_out_has_the_asked_area_and_aspect():
    crop = TRANSFORMS.build(
        random_view((8, 8), (0.1, 0.8), (3 / 8, 2 / 3), 0.0, 256)[0]
    )
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
