"""SPNet's pre-training re-id loss: momentum contrast with class means (section 3.3)."""

import torch
import torch.nn.functional as F
from mmengine.dist import broadcast
from torch import Tensor, nn

from mmpsearch.models.layers.global_mean import share_per_rank
from mmpsearch.models.layers.precision import at_least_float32, full_precision
from mmpsearch.registry import MODELS
from mmpsearch.utils.distributed import gather_without_gradient

EMPTY = -1


def class_means(embeddings: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
    """Normalised mean of each identity's raw embeddings.

    Args:
        embeddings: ``(N, D)``.
        ids: ``(N,)`` int64.

    Returns:
        Means ``(K, D)``, L2-normalised, and their ids ``(K,)``, ascending.
    """
    unique, position = ids.unique(return_inverse=True)
    sums = embeddings.new_zeros(len(unique), embeddings.shape[1])
    sums.index_add_(0, position, embeddings)
    counts = torch.bincount(position, minlength=len(unique))[:, None]
    return F.normalize(sums / counts, dim=1), unique


@MODELS.register_module()
class MomentumContrastLoss(nn.Module):
    """Contrast boxes with a queue of class means from a momentum encoder.

    Before the loss, the mean of every person's momentum embeddings over all views of
    the batch enters the queue, and the person's older entry is emptied: so every
    sample has exactly one positive, its own class mean. Under several ranks the means
    are those of the global batch.

    Args:
        embed_dims: embedding size ``D``.
        queue_size: entries of the queue.
        temperature: softmax temperature.
        ground_truth_in_mean: let the ground-truth boxes take part in the mean, as the
            public code does. The paper takes predicted boxes alone; a person without
            any then still gets the mean of the ground-truth boxes.
    """

    def __init__(
        self,
        embed_dims: int = 128,
        queue_size: int = 65536,
        temperature: float = 0.1,
        ground_truth_in_mean: bool = True,
    ) -> None:
        super().__init__()
        self.temperature = temperature
        self.ground_truth_in_mean = ground_truth_in_mean
        self.register_buffer("queue", torch.zeros(queue_size, embed_dims))
        self.register_buffer(
            "queue_ids", torch.full((queue_size,), EMPTY, dtype=torch.int64)
        )
        self.register_buffer("queue_head", torch.zeros((), dtype=torch.int64))

    def forward(
        self,
        embeddings: Tensor,
        person_ids: Tensor | None,
        unique_ids: Tensor,
        momentum_embeddings: Tensor,
        is_predicted: Tensor | None = None,
        **context: Tensor,
    ) -> Tensor:
        """Update the queue, then compute the loss.

        Args:
            embeddings: ``(N, D)`` of the encoder; ``N`` may be 0.
            person_ids: not read; strangers are told apart as well.
            unique_ids: ``(N,)`` int64, equal for boxes of one person.
            momentum_embeddings: ``(N, D)`` of the same boxes, without gradient.
            is_predicted: ``(N,)`` bool, False for ground-truth boxes; only needed with
                ``ground_truth_in_mean=False``.
            **context: whatever else a model knows; not read.

        Returns:
            Scalar, float32.
        """
        all_ids = gather_without_gradient(unique_ids)
        keys = gather_without_gradient(at_least_float32(momentum_embeddings))
        if not self.ground_truth_in_mean:
            predicted = gather_without_gradient(is_predicted)
            alone = ~torch.isin(all_ids, all_ids[predicted])  # found by no prediction
            all_ids, keys = all_ids[predicted | alone], keys[predicted | alone]
        means, ids = class_means(keys, all_ids)
        broadcast(means)  # sums on a GPU may differ in the last bit between ranks
        slots = self._enqueue(means, ids)
        valid = self.queue_ids != EMPTY
        entries = self.queue[valid].to(keys.dtype)  # a copy: the queue goes on changing
        embeddings = at_least_float32(embeddings)
        if not len(unique_ids):  # no box on this rank: zero, but connected to the graph
            nothing = embeddings.sum()
            return nothing / share_per_rank(nothing.new_tensor(0))
        with full_precision(embeddings):
            logits = F.normalize(embeddings, dim=1) @ entries.T / self.temperature
        own_slot = slots[torch.searchsorted(ids, unique_ids)]
        target = valid.cumsum(0)[own_slot] - 1  # position among the valid entries
        total = F.cross_entropy(logits, target, reduction="sum")
        return total / share_per_rank(total.new_tensor(len(logits)))

    @torch.no_grad()
    def _enqueue(self, means: Tensor, ids: Tensor) -> Tensor:
        """Write one row per person, empty older ones; returns the slots ``(K,)``."""
        size = len(self.queue)
        if len(ids) > size:
            raise ValueError(
                f"a batch with {len(ids)} persons does not fit into a queue of {size}; "
                "enlarge `model.reid_loss.queue_size`"
            )
        slots = (self.queue_head + torch.arange(len(ids), device=ids.device)) % size
        self.queue_ids[torch.isin(self.queue_ids, ids)] = EMPTY
        self.queue[slots] = means.to(self.queue.dtype)
        self.queue_ids[slots] = ids
        self.queue_head.add_(len(ids)).remainder_(size)
        return slots
