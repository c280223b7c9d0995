"""MPANet's losses besides identity and centres (Wu et al., CVPR 2021)."""

from torch import Tensor

from mmpsearch.models.layers.precision import at_least_float32, full_precision


def mask_separation(masks: Tensor) -> Tensor:
    """How much the pattern masks of an image overlap.

    Args:
        masks: ``(B, P, h, w)`` in 0..1.

    Returns:
        ``(B,)``: mean over pairs of different masks of their inner product; 0 for a
        single mask.
    """
    flat = at_least_float32(masks).flatten(2)
    with full_precision(flat):
        products = flat @ flat.transpose(1, 2)
    number = masks.shape[1]
    total = products.triu(diagonal=1).sum(dim=(1, 2))
    return total / max(number * (number - 1) // 2, 1)


def modality_divergence(logits: Tensor, other_logits: Tensor) -> Tensor:
    """Disagreement of a modality's classifier with the other modality's.

    ``KL(own || other)``: the gradient goes to the own predictions, through the target
    of the divergence, as in the public code.

    Args:
        logits: ``(N, C)`` of the classifier of the samples' own modality.
        other_logits: ``(N, C)`` of the other modality's averaged classifier; no
            gradient.

    Returns:
        ``(N,)``, at least float32.
    """
    own = at_least_float32(logits).log_softmax(dim=1)
    other = at_least_float32(other_logits.detach()).log_softmax(dim=1)
    return (own.exp() * (own - other)).sum(dim=1)


def averaging_rate(epoch: int) -> float:
    """Share of the trained classifier in its average, ``0.2 min(100 / (epoch+1), 1)``.

    Args:
        epoch: from 0.

    Returns:
        0.2 for 100 epochs, then falling.
    """
    return 0.2 * min(100 / (epoch + 1), 1)
