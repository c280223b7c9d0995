"""Crops for a re-identification teacher beside a scene (DKD)."""

import numpy as np
import torch
from mmcv.transforms import BaseTransform

from mmpsearch.datasets.transforms.formatting import PackPersonSearchInputs
from mmpsearch.datasets.transforms.spatial_shift import (
    CROP_SIZE,
    cut_crop,
    draw_shifts,
    move_boxes_by,
)
from mmpsearch.registry import TRANSFORMS


@TRANSFORMS.register_module()
class CutTeacherCrops(BaseTransform):
    """Cut every ground-truth box out of the raw image, where it is and shifted.

    Stands directly after the image is loaded. Adds ``crops`` and, if asked for,
    ``shifted_crops`` (N, h, w, 3) uint8 and ``shifts`` (N, 2) float32: right and down,
    as shares of the box's sides, so that later resizing does not change them.

    Args:
        size: Height and width of the crops, those of the teacher.
        shifted: Also cut shifted boxes (FSA).
        padding: See :func:`~mmpsearch.datasets.transforms.spatial_shift.shift_ranges`.
        max_range: As there, raw pixels.
    """

    def __init__(
        self,
        size: tuple[int, int] = CROP_SIZE,
        shifted: bool = True,
        padding: float = 10,
        max_range: float = 40,
    ) -> None:
        self.size, self.shifted = tuple(size), shifted
        self.padding, self.max_range = padding, max_range

    def transform(self, results: dict) -> dict:
        if results.get("flip") or tuple(results["scale_factor"]) != (1.0, 1.0):
            raise ValueError(
                "CutTeacherCrops cuts from the raw image: put it directly after "
                "LoadImage in the pipeline"
            )
        image, boxes = results["img"], results["gt_bboxes"].astype(np.float64)
        results["crops"] = self._cut(image, boxes)
        if self.shifted:
            options = dict(padding=self.padding, max_range=self.max_range)
            shifts = draw_shifts(boxes, crop_size=self.size, **options)
            results["shifted_crops"] = self._cut(image, move_boxes_by(boxes, shifts))
            sides = boxes[:, 2:] - boxes[:, :2]
            results["shifts"] = (shifts / np.maximum(sides, 1e-6)).astype(np.float32)
        return results

    def _cut(self, image: np.ndarray, boxes: np.ndarray) -> np.ndarray:
        crops = np.empty((len(boxes), *self.size, 3), image.dtype)
        for index, box in enumerate(boxes):
            crops[index] = cut_crop(image, box, self.size)
        return crops

    def __repr__(self) -> str:
        settings = ", ".join(f"{k}={v!r}" for k, v in sorted(vars(self).items()))
        return f"CutTeacherCrops({settings})"


@TRANSFORMS.register_module()
class PackDistillationInputs(PackPersonSearchInputs):
    """:class:`PackPersonSearchInputs` with the teacher's crops in ``gt_instances``.

    Adds ``crops``, ``shifted_crops`` (N, 3, h, w) uint8 and ``shifts`` (N, 2), mirrored
    where the image is.

    Crops of boxes that a random window removed are gone too; where it cut a box, the
    student sees the rest of what the teacher sees whole.
    """

    def transform(self, results: dict) -> dict:
        packed = super().transform(results)
        instances, flip = packed["data_samples"].gt_instances, results.get("flip")
        for name in ("crops", "shifted_crops"):
            if name not in results:
                continue
            crops = results[name][:, :, ::-1] if flip else results[name]
            crops = np.ascontiguousarray(crops.transpose(0, 3, 1, 2))
            setattr(instances, name, torch.from_numpy(crops))
        if "shifts" in results:
            shifts = torch.from_numpy(results["shifts"])
            instances.shifts = shifts * shifts.new_tensor([-1.0 if flip else 1.0, 1.0])
        return packed

    def __repr__(self) -> str:
        return f"PackDistillationInputs(meta_keys={self.meta_keys})"
