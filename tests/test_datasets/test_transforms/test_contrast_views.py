import numpy as np

from mmpsearch.datasets.transforms import ContrastViews
from mmpsearch.datasets.transforms.contrast_views import augmented_view
from mmpsearch.registry import TRANSFORMS

from .test_views import picture


def test_two_views_and_the_original():
    transform = TRANSFORMS.build(dict(type="mmpsearch.ContrastViews", size=(64, 32)))
    image = picture(32, 16)
    image[:4, :4] = (10, 200, 90)
    query, key, original = transform(dict(img=image))["views"]
    assert [v.shape for v in (query, key, original)] == [(64, 32, 3)] * 3
    assert not np.array_equal(query, key)
    # resized, and nothing else: no flip, no crop
    assert np.array_equal(original[0, 0], image[0, 0])
    assert np.array_equal(original[-1, -1], image[-1, -1])
    again = transform(dict(img=image))["views"]
    assert np.array_equal(again[2], original)
    assert not np.array_equal(again[0], query)


def test_without_the_original():
    transform = ContrastViews(size=(16, 8), original=False)
    assert len(transform(dict(img=picture()))["views"]) == 2


def test_the_recipe_is_luperson_s():
    steps = augmented_view((256, 128), (0.2, 1.0), (1, 2, 3), erase=0.5)
    kinds = [step["type"].split(".")[1] for step in steps]
    assert kinds == [
        "RandomResizedCrop",
        "RandomGrayscale",
        "GaussianBlur",
        "RandomFlip",
        "RandomErasing",
    ]
    crop, grey, blur, flip, erase = steps
    assert crop["scale"] == (256, 128) and crop["crop_ratio_range"] == (0.2, 1.0)
    assert crop["aspect_ratio_range"] == (3 / 4, 4 / 3)
    assert [s["prob"] for s in (grey, blur, flip, erase)] == [0.2, 0.5, 0.5, 0.5]
    assert blur["magnitude_range"] == (0.1, 2.0)
    assert erase["area"] == (0.02, 0.6) and erase["mean"] == (1, 2, 3)


def test_what_is_erased_has_the_mean_colour():
    views = ContrastViews(size=(32, 16), mean=(80.07, 79.203, 89.8875), erase=1.0)
    for view in views(dict(img=np.zeros((32, 16, 3), np.uint8)))["views"][:2]:
        colours = np.unique(view.reshape(-1, 3), axis=0).tolist()
        assert colours == [[0, 0, 0], [80, 79, 90]]


def test_a_recipe_for_small_pictures():
    steps = augmented_view(
        (64, 32),
        (0.5, 1.0),
        (1, 2, 3),
        erase=0.5,
        aspect=(3 / 8, 2 / 3),
        jitter=dict(brightness=0.4, cast=0.2),
        grey=0.0,
        blur=0.25,
        erase_area=(0.02, 0.2),
    )
    crop, jitter, grey, blur, _, erase = steps
    assert crop["aspect_ratio_range"] == (3 / 8, 2 / 3)
    assert jitter == dict(type="mmpsearch.ColorJitter", brightness=0.4, cast=0.2)
    assert grey["prob"] == 0.0 and blur["prob"] == 0.25
    assert blur["magnitude_range"] == (0.025, 0.5)  # a quarter of the height's
    assert erase["area"] == (0.02, 0.2)


def test_both_backends_resize_a_whole_crop_alike():
    image = picture(32, 16)
    whole = dict(area=(1.0, 1.0), aspect=(0.5, 0.5), grey=0.0, blur=0.0, erase=0.0)
    views = {}
    for backend in ("pillow", "cv2"):
        transform = ContrastViews(
            size=(64, 32), original=False, backend=backend, **whole
        )
        view = transform(dict(img=image))["views"][0].astype(int)
        # flipped or not
        views[backend] = (
            np.minimum(view, view[:, ::-1]),
            np.maximum(view, view[:, ::-1]),
        )
    for one, other in zip(*views.values(), strict=True):
        assert abs(one - other).max() <= 1  # enlarged: nothing to antialias
