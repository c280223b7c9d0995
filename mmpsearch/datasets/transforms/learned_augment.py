"""Torchvision's policies of augmentation, on a share of the pictures."""

from collections.abc import Callable

import numpy as np
import torch
import torchvision.transforms.v2 as transforms
from mmcv.transforms import BaseTransform

from mmpsearch.datasets.transforms.base import MEAN_COLOUR
from mmpsearch.registry import TRANSFORMS


class _TorchvisionAugment(BaseTransform):
    """Apply a torchvision transform to RGB pixels with probability ``prob``."""

    def __init__(self, prob: float, augment: Callable) -> None:
        if not 0 <= prob <= 1:
            raise ValueError(
                f"{type(self).__name__}: prob must be in 0..1, got {prob}."
            )
        self.prob = prob
        self.augment = augment

    def transform(self, results: dict) -> dict:
        if np.random.uniform() < self.prob:
            rgb = np.ascontiguousarray(results["img"][:, :, ::-1].transpose(2, 0, 1))
            changed = self.augment(torch.from_numpy(rgb)).numpy()
            image = changed.transpose(1, 2, 0)[:, :, ::-1]
            results["img"] = np.ascontiguousarray(image)
        return results

    def __repr__(self) -> str:
        return f"{type(self).__name__}(prob={self.prob}, augment={self.augment})"


@TRANSFORMS.register_module()
class AutoAugment(_TorchvisionAugment):
    """AutoAugment (Cubuk et al., CVPR 2019), ``torchvision``'s.

    Args:
        prob: Share of the pictures (strong re-ID recipes: 0.1).
        policy: ``'imagenet'``, ``'cifar10'`` or ``'svhn'``.
        fill: Colour (BGR) of what a move uncovers.
    """

    def __init__(
        self,
        prob: float = 0.1,
        policy: str = "imagenet",
        fill: tuple[int, int, int] = MEAN_COLOUR,
    ) -> None:
        chosen = transforms.AutoAugmentPolicy(policy)
        augment = transforms.AutoAugment(chosen, fill=list(fill)[::-1])
        super().__init__(prob, augment)


@TRANSFORMS.register_module()
class AugMix(_TorchvisionAugment):
    """AugMix (Hendrycks et al., ICLR 2020), ``torchvision``'s.

    Args:
        prob: Share of the pictures.
        severity: Strength of the operations, 1 to 10.
        width: Number of chains that are mixed.
        depth: Operations in a chain; -1 draws 1 to 3.
        alpha: Coefficient of the Dirichlet and Beta distributions of the mixture's
            weights; a small one shows nearly a single chain or nearly the original.
        all_operations: Also change brightness, contrast, colour and sharpness; without
            these it is the nine operations of the paper.
        fill: Colour (BGR) of what a move uncovers.
    """

    def __init__(
        self,
        prob: float = 0.1,
        severity: int = 3,
        width: int = 3,
        depth: int = -1,
        alpha: float = 1.0,
        all_operations: bool = True,
        fill: tuple[int, int, int] = MEAN_COLOUR,
    ) -> None:
        augment = transforms.AugMix(
            severity=severity,
            mixture_width=width,
            chain_depth=depth,
            alpha=alpha,
            all_ops=all_operations,
            fill=list(fill)[::-1],
        )
        super().__init__(prob, augment)
