"""Batches of RGB and infrared pictures whose stripes are shuffled."""

import zlib
from collections.abc import Sequence
from typing import Literal

import torch
from mmengine.dist import broadcast
from mmengine.model import ImgDataPreprocessor
from torch import Tensor

from mmpsearch.models.reid.reid_model import modality_numbers
from mmpsearch.models.selfsup.stripes import random_permutations, shuffle_stripes
from mmpsearch.models.selfsup.views_preprocessor import IMAGENET_MEAN, IMAGENET_STD
from mmpsearch.registry import MODELS


@MODELS.register_module()
class StripeShufflePreprocessor(ImgDataPreprocessor):
    """Normalises a batch and shuffles horizontal stripes (MMGL, section 3.1).

    In training, picture ``i`` of the RGB half and picture ``i`` of the infrared half
    make a pair with one permutation, drawn anew for every pair and step; or the whole
    batch has one, drawn anew for every step. With one for every pair the shuffle tells
    which pictures are a pair, so that stripes can find the other modality's without
    looking at people (see `paired_share` in the log of
    :class:`~mmpsearch.models.selfsup.MMGL`). In testing
    every picture has a permutation that follows from its path alone, so that any
    model, batch size and number of ranks is tested on the same.

    Shuffling comes after all augmentation: a stripe is a stripe of the network's input,
    and so of its feature map.

    Args:
        num_stripes: ``S``; the height must be a multiple.
        shuffle: what has one permutation in training: a ``pair``, as published, or
            the ``batch``, of all ranks.
        mean: of the three channels, RGB.
        std: of the three channels, RGB.
        non_blocking: copy to the device in the background, from pinned memory.
    """

    def __init__(
        self,
        num_stripes: int = 6,
        shuffle: Literal["pair", "batch"] = "pair",
        mean: Sequence[float] = IMAGENET_MEAN,
        std: Sequence[float] = IMAGENET_STD,
        non_blocking: bool = True,
    ) -> None:
        super().__init__(mean, std, bgr_to_rgb=True, non_blocking=non_blocking)
        if shuffle not in ("pair", "batch"):
            raise ValueError(f"shuffle must be 'pair' or 'batch', got {shuffle!r}")
        self.num_stripes, self.shuffle = num_stripes, shuffle

    def forward(self, data: dict, training: bool = False) -> dict:
        """Preprocess a batch.

        Args:
            data: ``inputs``, ``(B, 3, H, W)`` uint8 BGR or a list of pictures, and
                ``data_samples`` with ``modality``.
            training: pair pictures, see the class.

        Returns:
            ``inputs`` ``(B, 3, H, W)`` float32, shuffled; ``modalities`` ``(B,)``
            int64; ``permutations`` ``(B, S)`` int64: the original place of every
            shuffled stripe; ``data_samples``.

        Raises:
            ValueError: training with unequal numbers of RGB and infrared pictures.
        """
        data = super().forward(data, training)
        samples, images = data["data_samples"], data["inputs"]
        modalities = modality_numbers(samples)
        if training:
            permutations = paired_permutations(modalities, self.num_stripes)
            if self.shuffle == "batch":
                first = permutations[:1].contiguous()
                broadcast(first)
                permutations = first.repeat(len(permutations), 1)
        else:
            permutations = torch.cat([self._fixed(sample) for sample in samples])
        return {
            "inputs": shuffle_stripes(images, permutations),
            "modalities": modalities.to(images.device),
            "permutations": permutations.to(images.device),
            "data_samples": samples,
        }

    def _fixed(self, sample) -> Tensor:
        generator = torch.Generator()
        generator.manual_seed(zlib.crc32(str(sample.get("img_path", "")).encode()))
        return random_permutations(1, self.num_stripes, generator)


def paired_permutations(modalities: Tensor, num_stripes: int) -> Tensor:
    """Random permutations, one per pair of pictures.

    Args:
        modalities: ``(B,)`` int64 on the CPU; the i-th RGB picture (0) and the i-th
            infrared one (1) are a pair.
        num_stripes: ``S``.

    Returns:
        ``(B, S)`` int64 on the CPU.

    Raises:
        ValueError: unequal numbers of both.
    """
    halves = [(modalities == number).nonzero().flatten() for number in (0, 1)]
    if len(halves[0]) != len(halves[1]):
        raise ValueError(
            f"a batch for MMGL has {len(halves[0])} RGB and {len(halves[1])} infrared "
            "pictures, but needs equal numbers; use the sampler "
            "mmpsearch.ModalityBalancedBatchSampler"
        )
    drawn = random_permutations(len(halves[0]), num_stripes)
    permutations = drawn.new_empty(len(modalities), num_stripes)
    for half in halves:
        permutations[half] = drawn
    return permutations
