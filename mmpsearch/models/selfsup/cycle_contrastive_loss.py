"""Stripes find each other across modalities, and back (MMGL, eq. 5 and 6)."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.models.layers.precision import at_least_float32, full_precision
from mmpsearch.registry import MODELS
from mmpsearch.utils.distributed import gather_with_gradient

Universal = Literal["batch", "pair"]
BackwardQuery = Literal["retrieved", "original"]


def soft_neighbours(queries: Tensor, keys: Tensor, temperature: float) -> Tensor:
    """Softmax-weighted mean of the keys that are like a query (eq. 5).

    Args:
        queries: ``(..., Q, D)``, unit length.
        keys: ``(..., K, D)``, unit length.
        temperature: of the softmax over cosines.

    Returns:
        ``(..., Q, D)``, brought back to unit length.
    """
    weights = (queries @ keys.transpose(-1, -2) / temperature).softmax(dim=-1)
    return F.normalize(weights @ keys, dim=-1)


def paired_contrast(a: Tensor, b: Tensor, temperature: float) -> Tensor:
    """InfoNCE of pairs, all vectors of other pairs being negatives (eq. 6).

    Every vector is an anchor once; its positive is its partner, its negatives are
    both vectors of all other pairs. The chance level is ``log(2 N - 1)``.

    Args:
        a: ``(N, D)``, unit length.
        b: ``(N, D)``, unit length; row ``i`` belongs to row ``i`` of ``a``.
        temperature: of the softmax over cosines.

    Returns:
        ``(2 N,)``, the anchors of ``a`` first.
    """
    number = len(a)
    both = torch.cat((a, b))
    logits = both @ both.T / temperature
    logits = logits.masked_fill(
        torch.eye(2 * number, dtype=torch.bool, device=a.device), -torch.inf
    )
    partner = torch.arange(2 * number, device=a.device).roll(number)
    return F.cross_entropy(logits, partner, reduction="none")


def cycle_vectors(
    own: Tensor,
    other: Tensor,
    temperature: float,
    universal: Universal = "batch",
    backward_query: BackwardQuery = "retrieved",
) -> tuple[Tensor, Tensor]:
    """What the stripes of one modality find in the other, and what that finds at home.

    Args:
        own: ``(B, S, D)`` queries, unit length.
        other: ``(B, S, D)`` of the other modality, unit length; picture ``i`` of both
            makes a pair.
        temperature: of the softmax weights.
        universal: see :class:`CycleContrastiveLoss`.
        backward_query: see :class:`CycleContrastiveLoss`.

    Returns:
        ``(B S, D)`` found at home, in the patches of the query's own picture, and
        ``(B S, D)`` found in the other modality; unit length.
    """
    if universal == "batch":
        everything = other.flatten(0, 1)
        retrieved = soft_neighbours(own.flatten(0, 1), everything, temperature)
        retrieved = retrieved.view_as(own)
    else:
        retrieved = soft_neighbours(own, other, temperature)
    start = retrieved if backward_query == "retrieved" else own
    home = soft_neighbours(start, own, temperature)
    return home.flatten(0, 1), retrieved.flatten(0, 1)


@torch.no_grad()
def share_found_in_pair(rgb: Tensor, ir: Tensor) -> Tensor:
    """How often a stripe's nearest in the other modality lies in its own pair.

    Pictures are paired at random, so that nothing in them says which is which: far
    more than ``1 / B`` means that the shuffle, which a pair shares, is what stripes
    are told apart by.

    Args:
        rgb: ``(B, S, D)`` stripe embeddings, of any length.
        ir: ``(B, S, D)``; row ``i`` is paired with row ``i`` of ``rgb``.

    Returns:
        Scalar, mean over the stripes of both modalities; NaN without pictures.
    """
    rgb, ir = (F.normalize(at_least_float32(x), dim=-1) for x in (rgb, ir))
    pictures, stripes = rgb.shape[:2]
    cosines = rgb.flatten(0, 1) @ ir.flatten(0, 1).T
    own = torch.arange(pictures, device=rgb.device).repeat_interleave(stripes)
    if not len(own):
        return cosines.sum() / 0
    found = [cosines.argmax(dim=place) // stripes == own for place in (0, 1)]
    return torch.cat(found).float().mean()


@MODELS.register_module()
class CycleContrastiveLoss(nn.Module):
    """Part-aware cycle-contrastive loss over the stripes of a batch.

    Every stripe looks for its soft nearest neighbour in the other modality, and that
    one for its own among the stripes of the first picture; the two found vectors are
    a positive pair. Queries of both modalities in turn, averaged. Under several ranks
    all ranks' stripes take part, so that two ranks compute what one process would with
    the whole batch. At the start the loss is near ``log(2 B S - 1)``.

    The paper's text is ambiguous in what the options choose; the defaults follow the
    text where text and figure differ.

    Args:
        temperature: of the contrast, eq. (6).
        retrieval_temperature: of the soft neighbours, eq. (5).
        universal: where a stripe looks: in the other modality's stripes of the whole
            batch (``batch``), or of the paired picture alone (``pair``, the figure).
        backward_query: what looks backward: the vector found (``retrieved``), or the
            query itself (``original``, the figure).
    """

    def __init__(
        self,
        temperature: float = 0.07,
        retrieval_temperature: float = 0.07,
        universal: Universal = "batch",
        backward_query: BackwardQuery = "retrieved",
    ) -> None:
        super().__init__()
        if universal not in ("batch", "pair"):
            raise ValueError(f"universal must be 'batch' or 'pair', got {universal!r}")
        if backward_query not in ("retrieved", "original"):
            raise ValueError(
                "backward_query must be 'retrieved' or 'original', got "
                f"{backward_query!r}"
            )
        self.temperature = temperature
        self.retrieval_temperature = retrieval_temperature
        self.universal, self.backward_query = universal, backward_query

    def forward(self, rgb: Tensor, ir: Tensor) -> Tensor:
        """Loss of a batch of pairs, the same on every rank.

        Args:
            rgb: ``(B, S, D)`` stripe embeddings, of any length.
            ir: ``(B, S, D)``; row ``i`` is paired with row ``i`` of ``rgb``.

        Returns:
            Scalar, at least float32; 0 (with gradient) without pictures.
        """
        rgb, ir = (
            gather_with_gradient(F.normalize(at_least_float32(x), dim=-1))
            for x in (rgb, ir)
        )
        if not len(rgb):
            return rgb.sum() + ir.sum()
        losses = []
        with full_precision(rgb):
            for own, other in ((rgb, ir), (ir, rgb)):
                pair = cycle_vectors(
                    own,
                    other,
                    self.retrieval_temperature,
                    self.universal,
                    self.backward_query,
                )
                losses.append(paired_contrast(*pair, self.temperature).mean())
        return sum(losses) / 2
