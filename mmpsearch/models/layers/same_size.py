"""One forward pass per size of images, not per image."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def together_by_size(
    function: Callable[[Tensor], Tensor], images: Sequence[Tensor]
) -> list[Tensor]:
    """Apply a function once per size, to all images of that size at once.

    Batch norms in it see the images of one size as one batch.

    Args:
        function: ``(N, ...)`` to ``(N, ...)``, one row per image.
        images: ``(B, C, h, w)`` each; those of one shape are concatenated.

    Returns:
        Per element of ``images`` its ``(B, ...)``.
    """
    found: dict[int, Tensor] = {}
    for shape in dict.fromkeys(image.shape for image in images):
        places = [place for place, image in enumerate(images) if image.shape == shape]
        output = function(torch.cat([images[place] for place in places]))
        found |= dict(zip(places, output.chunk(len(places)), strict=True))
    return [found[place] for place in range(len(images))]
