"""Online instance matching (Xiao et al., CVPR 2017), the fine-tuning re-id loss."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.registry import MODELS
from mmpsearch.utils.distributed import gather_without_gradient

from ..layers.global_mean import share_per_rank


def oim_logits(
    embeddings: Tensor,
    person_ids: Tensor,
    lookup_table: Tensor,
    circular_queue: Tensor,
    scale: float,
) -> Tensor:
    """Scaled cosines with every table and queue row.

    A row that was never written has cosine -1, and +1 with the samples of its own
    identity, which so do not suffer from the empty table.

    Args:
        embeddings: ``(N, D)`` L2-normalised.
        person_ids: ``(N,)`` int64, -1 without identity label.
        lookup_table: ``(L, D)``, rows normalised or zero.
        circular_queue: ``(Q, D)``, rows normalised or zero.
        scale: inverse temperature.

    Returns:
        ``(N, L + Q)`` float32.
    """
    rows = torch.cat([lookup_table, circular_queue]).float()
    cosines = embeddings.float() @ rows.T
    empty = (rows == 0).all(dim=1)
    cosines = cosines.masked_fill(empty[None], -1.0)
    own = F.one_hot(person_ids.clamp(min=0), len(rows)).bool()
    own = own & (person_ids >= 0)[:, None] & empty[None]
    return scale * cosines.masked_fill(own, 1.0)


@MODELS.register_module()
class OIMLoss(nn.Module):
    """Cross entropy against a table of identities and a queue of strangers.

    Known persons update their row of the lookup table by a moving average, persons
    without identity label go into the circular queue, one sample after the other in
    batch order. Under several ranks every rank applies the updates of all ranks, in
    rank order, so that the tables never drift apart. Unlike in the public SPNet the
    write position is a buffer: training continues from a checkpoint where it was.

    Args:
        num_identities: rows ``L`` of the lookup table.
        embed_dims: embedding size ``D``.
        queue_size: rows of the circular queue.
        scale: inverse temperature.
        momentum: weight of the old row when a known person is seen again.
        mean_over_labelled: divide by the number of labelled samples, as the OIM paper
            reads, and not (default, the public SPNet) by the number of all samples.
    """

    needs_momentum_encoder = False

    def __init__(
        self,
        num_identities: int,
        embed_dims: int = 128,
        queue_size: int = 5000,
        scale: float = 30.0,
        momentum: float = 0.5,
        mean_over_labelled: bool = False,
    ) -> None:
        super().__init__()
        self.num_identities = num_identities
        self.scale = scale
        self.momentum = momentum
        self.mean_over_labelled = mean_over_labelled
        self.register_buffer("lookup_table", torch.zeros(num_identities, embed_dims))
        self.register_buffer("circular_queue", torch.zeros(queue_size, embed_dims))
        self.register_buffer("queue_head", torch.zeros((), dtype=torch.int64))

    def forward(
        self, embeddings: Tensor, person_ids: Tensor, unique_ids: Tensor | None = None
    ) -> Tensor:
        """Compute the loss, then update table and queue.

        Args:
            embeddings: ``(N, D)``, any length; ``N`` may be 0.
            person_ids: ``(N,)`` int64 in ``[0, L)``, -1 without identity label.
            unique_ids: not used.

        Returns:
            Scalar, float32; 0 (with gradient) when nobody is labelled.

        Raises:
            ValueError: an identity outside the table.
        """
        embeddings = F.normalize(embeddings.float(), dim=1)
        if len(person_ids) and int(person_ids.max()) >= self.num_identities:
            raise ValueError(
                f"person id {int(person_ids.max())} in a batch, but the OIM table has "
                f"{self.num_identities} rows; set `model.reid_loss.num_identities` to "
                "the training set's number of identities"
            )
        logits = oim_logits(
            embeddings, person_ids, self.lookup_table, self.circular_queue, self.scale
        )
        total = F.cross_entropy(
            logits, person_ids.clamp(min=-1), ignore_index=-1, reduction="sum"
        )
        labelled = (person_ids >= 0).sum()
        count = (
            labelled if self.mean_over_labelled else labelled.new_tensor(len(logits))
        )
        self._update(
            gather_without_gradient(embeddings.detach()),
            gather_without_gradient(person_ids),
        )
        return total / share_per_rank(count)

    @torch.no_grad()
    def _update(self, embeddings: Tensor, person_ids: Tensor) -> None:
        # Cloned, not written in place: the backward pass still needs the old rows.
        table, queue = self.lookup_table.clone(), self.circular_queue.clone()
        strangers = embeddings[person_ids < 0]
        known = person_ids >= 0
        for person_id, x in zip(
            person_ids[known].tolist(), embeddings[known], strict=True
        ):
            row = self.momentum * table[person_id] + (1 - self.momentum) * x
            table[person_id] = F.normalize(row, dim=0)
        if len(strangers) and len(queue):
            slots = torch.arange(len(strangers), device=queue.device)
            slots = (slots + self.queue_head) % len(queue)
            # of strangers that share a slot the last one stays
            last = slice(max(len(strangers) - len(queue), 0), None)
            queue[slots[last]] = strangers[last].to(queue.dtype)
            self.queue_head = (self.queue_head + len(strangers)) % len(queue)
        self.lookup_table, self.circular_queue = table, queue
