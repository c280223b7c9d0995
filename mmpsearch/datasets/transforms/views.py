"""Several random views of one crop, for pre-training."""

from collections.abc import Sequence, Sized

import numpy as np
import torch
from mmcv.transforms import BaseTransform, Compose

from mmpsearch.registry import TRANSFORMS


def sometimes_grey(prob: float = 0.2) -> dict:
    """Grey by the luminance (BGR weights of ITU-R 601), as PIL makes it.

    Args:
        prob: How often.
    """
    return dict(
        type="mmcv.RandomGrayscale",
        prob=prob,
        keep_channels=True,
        channel_weights=(0.114, 0.587, 0.299),
    )


def sometimes_blurred(prob: float, height: int, published_height: int) -> dict:
    """Gaussian blur of 0.1 to 2 pixels at the published height of a view.

    At another height it is scaled with it: 2 pixels hide four times as much of a
    view that is 64 pixels high as of one of 256.

    Args:
        prob: How often.
        height: Of the view, in pixels.
        published_height: Of the view for which 0.1 to 2 pixels were published.
    """
    scale = height / published_height
    return dict(
        type="mmpretrain.GaussianBlur",
        magnitude_range=(0.1 * scale, 2.0 * scale),
        magnitude_std="inf",
        prob=prob,
    )


@TRANSFORMS.register_module()
class MultiView(BaseTransform):
    """Make ``views``, a list of pictures, each by a pipeline of its own.

    Args:
        pipelines: One list of transforms per kind of view, global views first. Each
            gets ``img`` and ``img_shape`` of the crop, ``mix_results`` with other
            crops where there are some, and nothing else.
        numbers: How many views each pipeline makes.
        background: Transform that changes the crop's background before each pipeline,
            for each view anew, such as :class:`SwapBackground`; None: none. The data
            set is wrapped in :class:`~mmpsearch.datasets.MultiImageMixDataset`, and
            there is another crop for each view.
    """

    def __init__(
        self,
        pipelines: Sequence[Sequence[dict]],
        numbers: Sequence[int],
        background: dict | None = None,
    ) -> None:
        if len(pipelines) != len(numbers):
            raise ValueError(
                f"MultiView: {len(pipelines)} pipelines, but {len(numbers)} numbers of "
                "views."
            )
        first = [] if background is None else [background]
        self.pipelines = [Compose([*first, *pipeline]) for pipeline in pipelines]
        self.numbers = tuple(numbers)
        self.others = 0 if background is None else sum(self.numbers)

    def get_indexes(self, dataset: Sized) -> list[int]:
        """Other crops, for :class:`~mmpsearch.datasets.MultiImageMixDataset`.

        Args:
            dataset: Where they are from.

        Returns:
            One for each view where backgrounds are changed, otherwise none.
        """
        return np.random.randint(len(dataset), size=self.others).tolist()

    def transform(self, results: dict) -> dict:
        image = results["img"]
        given = dict(
            img_shape=image.shape[:2], mix_results=results.get("mix_results", [])
        )
        results["views"] = [
            pipeline(dict(given, img=image.copy()))["img"]
            for pipeline, number in zip(self.pipelines, self.numbers, strict=True)
            for _ in range(number)
        ]
        return results

    def __repr__(self) -> str:
        return f"MultiView(numbers={self.numbers}, pipelines={self.pipelines})"


@TRANSFORMS.register_module()
class PackViews(BaseTransform):
    """Pack the views for the model.

    Returns a dict with ``inputs``, a list of (3, h, w) uint8 BGR, and ``masks``
    (views, rows, columns) bool where there are any.
    """

    def transform(self, results: dict) -> dict:
        packed = dict(
            inputs=[
                torch.from_numpy(np.ascontiguousarray(view.transpose(2, 0, 1)))
                for view in results["views"]
            ]
        )
        if "masks" in results:
            packed["masks"] = torch.from_numpy(results["masks"])
        return packed

    def __repr__(self) -> str:
        return "PackViews()"
