"""Channel exchange of CAJ (Ye et al., ICCV 2021), on normalised batches."""

import torch
from mmengine.model import ImgDataPreprocessor
from torch import Tensor

from mmpsearch.models.reid.reid_model import modality_numbers
from mmpsearch.registry import MODELS

LUMINANCE = (0.2989, 0.5870, 0.1140)
COPIES, GREY, UNCHANGED = (0, 1, 2), 3, 4  # of RGB channels


def mixing_matrices() -> Tensor:
    """``(5, 3, 3)``: each channel copied to all, grey in all, and unchanged."""
    rows = torch.cat([torch.eye(3), torch.tensor([LUMINANCE])])
    copies = rows[:, None].expand(-1, 3, -1)
    return torch.cat([copies, torch.eye(3)[None]])


def mix_channels(images: Tensor, kinds: Tensor) -> Tensor:
    """Mix the channels of every image.

    Args:
        images: ``(B, 3, H, W)``, RGB.
        kinds: ``(B,)`` int64: 0 to 2 copy that channel to all, 3 is grey, 4 leaves the
            image as it is.

    Returns:
        Same shape.
    """
    matrices = mixing_matrices().to(images)[kinds.to(images.device)]
    return torch.einsum("bij,bjhw->bihw", matrices, images)


def draw_kinds(modalities: Tensor) -> Tensor:
    """Draw CAJ's augmentation of a batch ``[RGB; the same RGB again; infrared]``.

    The second half of the RGB images gets one of its channels; an infrared image one
    of its channels (3/4), or grey (1/8), or nothing (1/8).

    Args:
        modalities: ``(B,)`` int64, 0 RGB and 1 infrared, RGB first.

    Returns:
        ``(B,)`` int64, see :func:`mix_channels`.

    Raises:
        ValueError: the number of RGB images is odd.
    """
    rgb = int((modalities == 0).sum())
    if rgb % 2:
        raise ValueError(
            f"channel exchange needs every RGB image twice, the batch has {rgb}; set "
            "rgb_views=2 of the training sampler"
        )
    kinds = torch.full(modalities.shape, UNCHANGED)
    kinds[rgb // 2 : rgb] = torch.randint(3, (rgb // 2,))
    rest = torch.where(torch.rand(len(kinds) - rgb) < 0.5, GREY, UNCHANGED)
    chosen = torch.randint(4, rest.shape)
    kinds[rgb:] = torch.where(chosen < 3, chosen, rest)
    return kinds


@MODELS.register_module()
class ChannelExchangePreprocessor(ImgDataPreprocessor):
    """Normalises, and exchanges channels of training batches.

    Behind the normalisation, as in the public code: an infrared image's channels,
    equal before, differ by their constants. Takes part in training alone.

    Args:
        mean: of the channels, in the order of the model's input.
        std: of the channels.
        **kwargs: as MMEngine's ImgDataPreprocessor.
    """

    def __init__(self, mean: list[float], std: list[float], **kwargs) -> None:
        super().__init__(mean=mean, std=std, **kwargs)

    def forward(self, data: dict, training: bool = False) -> dict:
        """As MMEngine's, with :func:`draw_kinds` in training.

        Args:
            data: ``inputs`` and ``data_samples`` of a batch.
            training: whether to exchange channels.

        Returns:
            ``inputs`` ``(B, 3, H, W)`` and ``data_samples``.
        """
        data = super().forward(data, training)
        if training:
            inputs = data["inputs"]
            modalities = modality_numbers(data["data_samples"])
            data["inputs"] = mix_channels(inputs, draw_kinds(modalities))
        return data
