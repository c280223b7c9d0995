"""One person out of a scene, for re-identification."""

import numpy as np
from mmcv.transforms import BaseTransform

from mmpsearch.datasets.transforms.spatial_shift import (
    CROP_SIZE,
    cut_crop,
    draw_shifts,
    move_boxes_by,
)
from mmpsearch.registry import TRANSFORMS


@TRANSFORMS.register_module()
class CropPerson(BaseTransform):
    """Replace the loaded scene by the pixels of ``results["person_box"]`` (4,) xyxy.

    Args:
        shifted: Move the box at random within its image: image-level
            spatial-invariant augmentation (ISA), DKD's R-2. False: the exact box.
        size: Height and width that crops are resized to later; the range depends on
            it.
        padding: See :func:`~mmpsearch.datasets.transforms.spatial_shift.shift_ranges`.
        max_range: As there, raw pixels.
    """

    def __init__(
        self,
        shifted: bool = False,
        size: tuple[int, int] = CROP_SIZE,
        padding: float = 10,
        max_range: float = 40,
    ) -> None:
        self.shifted, self.size = shifted, tuple(size)
        self.padding, self.max_range = padding, max_range

    def transform(self, results: dict) -> dict:
        boxes = np.asarray(results["person_box"], dtype=np.float64)[None]
        if self.shifted:
            options = dict(padding=self.padding, max_range=self.max_range)
            shifts = draw_shifts(boxes, crop_size=self.size, **options)
            boxes = move_boxes_by(boxes, shifts)
        crop = cut_crop(results["img"], boxes[0])
        results.update(
            img=np.ascontiguousarray(crop),
            img_shape=crop.shape[:2],
            ori_shape=crop.shape[:2],
        )
        return results

    def __repr__(self) -> str:
        settings = ", ".join(f"{k}={v!r}" for k, v in sorted(vars(self).items()))
        return f"CropPerson({settings})"
