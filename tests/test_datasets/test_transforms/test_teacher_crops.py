"""Crops for a teacher beside the scene."""

import numpy as np
import pytest

from mmpsearch.datasets.transforms import (
    CutTeacherCrops,
    PackDistillationInputs,
    RandomHorizontalFlip,
    RandomScaleShift,
    WindowResize,
)
from mmpsearch.datasets.transforms.spatial_shift import shift_ranges
from mmpsearch.datasets.transforms.window import apply_window

SIZE = (32, 16)


def results():
    """A scene whose pixels tell where they are: blue across, green down."""
    image = np.zeros((100, 200, 3), np.uint8)
    image[..., 0], image[..., 1] = np.arange(200)[None], np.arange(100)[:, None]
    return dict(
        img=image,
        img_shape=(100, 200),
        ori_shape=(100, 200),
        scale_factor=(1.0, 1.0),
        flip=False,
        gt_bboxes=np.array([[20, 20, 40, 70], [100, 10, 140, 90]], np.float32),
        gt_person_ids=np.array([0, -1]),
        gt_unique_ids=np.array([0, 9]),
    )


def centres(crops):
    """Mean position (across, down) that a crop shows."""
    return crops.reshape(len(crops), -1, 3).astype(float).mean(axis=1)[:, :2]


def test_crops_show_the_boxes_and_the_shifted_boxes():
    np.random.seed(0)
    before = results()
    found = CutTeacherCrops(SIZE)(results())
    assert found["crops"].shape == (2, *SIZE, 3) == found["shifted_crops"].shape
    middle = (before["gt_bboxes"][:, :2] + before["gt_bboxes"][:, 2:]) / 2 - 0.5
    np.testing.assert_allclose(centres(found["crops"]), middle, atol=0.6)
    sides = before["gt_bboxes"][:, 2:] - before["gt_bboxes"][:, :2]
    shifts = found["shifts"] * sides
    limits = shift_ranges(before["gt_bboxes"], SIZE)
    assert (np.abs(shifts) <= limits / 2 + 1e-4).all() and np.abs(shifts).max() > 1
    expected = np.clip(middle + shifts, 0, None)
    inside = (before["gt_bboxes"][:, 3] + shifts[:, 1] <= 100) & (
        before["gt_bboxes"][:, 1] + shifts[:, 1] >= 0
    )
    assert inside.any()
    np.testing.assert_allclose(
        centres(found["shifted_crops"])[inside], expected[inside], atol=1.1
    )


def test_the_same_seed_is_the_same_shift():
    shifts = []
    for _ in range(2):
        np.random.seed(3)
        shifts.append(CutTeacherCrops(SIZE)(results())["shifts"])
    np.testing.assert_array_equal(*shifts)


def test_a_flip_mirrors_crops_and_shifts():
    np.random.seed(0)
    cut = CutTeacherCrops(SIZE)(results())
    plain = PackDistillationInputs()(dict(cut))["data_samples"].gt_instances
    flipped = RandomHorizontalFlip(1.0)(dict(cut))
    mirrored = PackDistillationInputs()(flipped)["data_samples"].gt_instances
    assert plain.crops.shape == (2, 3, *SIZE)
    for name in ("crops", "shifted_crops"):
        assert (getattr(mirrored, name) == getattr(plain, name).flip(3)).all()
    assert (mirrored.shifts[:, 0] == -plain.shifts[:, 0]).all()
    assert (mirrored.shifts[:, 1] == plain.shifts[:, 1]).all()


def test_resizing_keeps_the_shares():
    cut = CutTeacherCrops(SIZE)(results())
    shifts = cut["shifts"].copy()
    packed = PackDistillationInputs()(WindowResize(50, 100)(cut))
    instances = packed["data_samples"].gt_instances
    np.testing.assert_array_equal(instances.shifts.numpy(), shifts)
    assert instances.bboxes[0].tolist() == [10, 10, 20, 35]


def test_crops_of_removed_boxes_are_gone():
    cut = CutTeacherCrops(SIZE)(results())
    second = cut["crops"][1]
    window = RandomScaleShift.window((100, 200), 2.0, (0.9, 0.5), 0.0)
    packed = PackDistillationInputs()(apply_window(cut, window))
    instances = packed["data_samples"].gt_instances
    assert len(instances) == 1 and instances.unique_ids.tolist() == [9]
    assert (instances.crops[0].numpy().transpose(1, 2, 0) == second).all()


def test_a_scene_without_people():
    empty = results()
    for key in ("gt_bboxes", "gt_person_ids", "gt_unique_ids"):
        empty[key] = empty[key][:0]
    packed = PackDistillationInputs()(CutTeacherCrops(SIZE)(empty))
    instances = packed["data_samples"].gt_instances
    assert instances.crops.shape == (0, 3, *SIZE) and instances.shifts.shape == (0, 2)


def test_only_the_raw_image_will_do():
    resized = WindowResize(50, 100)(results())
    with pytest.raises(ValueError, match="directly after LoadImage"):
        CutTeacherCrops(SIZE)(resized)


def test_exact_crops_alone():
    found = CutTeacherCrops(SIZE, shifted=False)(results())
    assert "shifts" not in found and "shifted_crops" not in found
