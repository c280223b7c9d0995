"""A backbone as it is, without the model around it."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.models.reid.reid_model import modality_numbers
from mmpsearch.models.selfsup.views_preprocessor import IMAGENET_MEAN, IMAGENET_STD


class FrozenFeatures:
    """Embeds crops by a model's backbone alone, as a probe of its features.

    Maps are averaged over their places; of tokens the class token is taken.

    Args:
        model: that owns the backbone; its preprocessor's colours are used.
        backbone: dotted name of the backbone in it.

    Raises:
        ValueError: there is no such module.
    """

    def __init__(self, model: nn.Module, backbone: str = "backbone") -> None:
        try:
            self.backbone = model.get_submodule(backbone)
        except AttributeError as error:
            raise ValueError(
                f"{type(model).__name__} has no module {backbone!r} to probe; its "
                f"parts are {', '.join(name for name, _ in model.named_children())}"
            ) from error
        preprocessor = getattr(model, "data_preprocessor", None)
        self._colours = [getattr(preprocessor, name, None) for name in ("mean", "std")]

    @torch.no_grad()
    def embed(self, images: Sequence[Tensor], samples: Sequence) -> Tensor:
        """Features of crops, in evaluation mode; the mode is put back.

        Args:
            images: of ``(3, H, W)`` uint8 BGR, all of one size.
            samples: :class:`~mmpsearch.structures.ReIDSample` of each, whose
                modality goes to a backbone that needs it.

        Returns:
            ``(B, C)`` float32.
        """
        device = next(self.backbone.parameters()).device
        mean, std = (
            torch.as_tensor(default if own is None else own).to(device).view(3, 1, 1)
            for own, default in zip(
                self._colours, (IMAGENET_MEAN, IMAGENET_STD), strict=True
            )
        )
        batch = torch.stack(list(images)).to(device).flip(1).float()
        batch = (batch - mean) / std
        training = self.backbone.training
        self.backbone.eval()
        try:
            if getattr(self.backbone, "needs_modality", False):
                features = self.backbone(batch, modality_numbers(samples, batch))
            else:
                features = self.backbone(batch)
        finally:
            self.backbone.train(training)
        if isinstance(features, (tuple, list)):
            features = features[-1]
        if features.ndim == 4:
            features = features.mean(dim=(2, 3))
        elif features.ndim == 3:
            features = features[:, 0]
        return at_least_float32(features)
