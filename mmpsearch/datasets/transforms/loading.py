"""Loading of scene images, with errors that name the file."""

import io
import os

import mmcv
import mmengine.fileio as fileio
import numpy as np
from mmcv.transforms import LoadImageFromFile

from mmpsearch.datasets.io.image_files import is_cut_off
from mmpsearch.datasets.io.orientation import AS_STORED, make_upright, orientation_of
from mmpsearch.datasets.io.picture_reading import open_picture, open_regular_file
from mmpsearch.datasets.transforms.window import clip_boxes
from mmpsearch.errors import ImageReadError, UnreadableImageError
from mmpsearch.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadImage(LoadImageFromFile):
    """MMCV's ``LoadImageFromFile`` that refuses damaged files.

    A truncated JPEG, which decoders complete with grey, is found by its missing end.
    Formats and sizes are limited as in ``read_picture``.
    A picture with an EXIF orientation is turned upright where the data set says so
    (``upright`` is true: crops, and scenes whose boxes were drawn on the upright
    picture) or where only then it has the size that its annotations state. Otherwise
    boxes refer to the stored pixels, and these are loaded.
    Boxes are cut at the image's border (data sets do so too where they know the size).

    Adds ``img`` (H, W, 3) uint8 BGR, ``img_shape`` and ``ori_shape`` (h, w),
    ``scale_factor`` (1, 1) and ``flip`` False.

    Raises:
        UnreadableImageError: The file is missing, cut off or not an image, or has
            not the size that the annotations state.
    """

    def __init__(self, color_type: str = "color_ignore_orientation", **kwargs) -> None:
        super().__init__(color_type=color_type, **kwargs)

    def transform(self, results: dict) -> dict:
        path = results["img_path"]
        try:
            if os.path.exists(path) and not self.backend_args:
                open_regular_file(path).close()  # a pipe would be waited for
            data = fileio.get(path, backend_args=self.backend_args)
        except ImageReadError as error:
            raise UnreadableImageError(str(error)) from error
        except OSError as error:
            raise UnreadableImageError(f"{path} cannot be read: {error}") from error
        if data is None:  # LMDB
            raise UnreadableImageError(
                f"{path} is not a key of the database of {self.backend_args}."
            )
        if is_cut_off(data):
            raise UnreadableImageError(
                f"{path} is empty or cut off; extract or download it again."
            )
        try:
            # Refused unless of a known format, and not too large to decode.
            with open_picture(path, io.BytesIO(data)) as opened:
                orientation = orientation_of(opened)
        except ImageReadError as error:
            raise UnreadableImageError(
                f"{path} is not an image that can be decoded: {error.reason}"
            ) from error
        image = mmcv.imfrombytes(
            data, flag=self.color_type, backend=self.imdecode_backend
        )
        if image is None:
            raise UnreadableImageError(f"{path} is not an image that can be decoded.")
        stated = results.get("height"), results.get("width")
        upright = results.get("upright", False)
        image = _as_annotated(image, orientation, path, stated, upright)
        size = image.shape[:2]
        results.update(
            img=image.astype(np.float32) if self.to_float32 else image,
            img_shape=size,
            ori_shape=size,
            scale_factor=(1.0, 1.0),
            flip=False,
        )
        for key in ("gt_bboxes", "query_bboxes"):
            if key in results:
                results[key] = clip_boxes(results[key], size).astype(np.float32)
        return results


def _as_annotated(
    image: np.ndarray,
    orientation: int,
    path: str,
    stated: tuple[int | None, int | None],
    upright: bool,
) -> np.ndarray:
    """Turn an image upright where its annotations are.

    Args:
        image: (H, W) or (H, W, 3) as stored.
        orientation: EXIF orientation of the file.
        path: For messages.
        stated: Height and width that the annotations state, or None.
        upright: The annotations are known to be those of the upright picture.

    Raises:
        UnreadableImageError: It has another size than the annotations state.
    """
    size = image.shape[:2]
    fits = None in stated or stated == size
    if fits and not upright:
        return image
    turned = make_upright(image, orientation)
    if None in stated or stated == turned.shape[:2]:
        return turned
    message = (
        f"{path} is {size[0]} x {size[1]} pixels (height x width), its annotation says "
        f"{stated[0]} x {stated[1]}: not the same image."
    )
    if orientation > AS_STORED:
        message += f" (Its EXIF orientation {orientation} does not explain it.)"
    raise UnreadableImageError(message)
