"""Online instance matching (Xiao et al., CVPR 2017), the fine-tuning re-id loss."""

import torch
import torch.nn.functional as F
from mmengine.dist import get_world_size
from torch import Tensor, nn

from mmpsearch.models.layers.global_mean import share_per_rank
from mmpsearch.models.layers.precision import at_least_float32, full_precision
from mmpsearch.registry import MODELS
from mmpsearch.utils.distributed import gather_without_gradient


def oim_logits(
    embeddings: Tensor,
    person_ids: Tensor,
    lookup_table: Tensor,
    circular_queue: Tensor,
    scale: float,
    opposite_when_empty: bool = True,
) -> Tensor:
    """Scaled cosines with every table and queue row.

    A row that was never written has cosine -1, and +1 with the samples of its own
    identity, which so do not suffer from the empty table. The OIM paper's tables
    start at zero, and so do their cosines: ``opposite_when_empty=False``.

    Args:
        embeddings: ``(N, D)`` L2-normalised, float32.
        person_ids: ``(N,)`` int64, -1 without identity label.
        lookup_table: ``(L, D)``, rows normalised or zero.
        circular_queue: ``(Q, D)``, rows normalised or zero.
        scale: inverse temperature.
        opposite_when_empty: cosines of empty rows are -1 and +1, else 0.

    Returns:
        ``(N, L + Q)`` float32.
    """
    rows = torch.cat([lookup_table, circular_queue]).to(embeddings.dtype)
    with full_precision(embeddings):
        cosines = embeddings @ rows.T
    if not opposite_when_empty:
        return scale * cosines
    empty = (rows == 0).all(dim=1)
    cosines = cosines.masked_fill(empty[None], -1.0)
    column = person_ids.clamp(min=0)[:, None]
    first_seen = (person_ids >= 0)[:, None] & empty[column]
    own = cosines.gather(1, column).masked_fill(first_seen, 1.0)
    return scale * cosines.scatter(1, column, own)


def update_rounds(person_ids: Tensor) -> tuple[Tensor, list[int]]:
    """Group updates that do not depend on one another.

    Round k holds the k-th sample of every identity. Applied one round after the
    other, samples have the same effect as applied one by one: those of one identity
    stay in order, and those of different identities write different rows.

    Args:
        person_ids: ``(N,)`` int64, -1 without identity label.

    Returns:
        Positions ``(n,)`` int64 of the labelled samples, round by round, and the
        number of samples of each round.
    """
    labelled = (person_ids >= 0).nonzero().flatten()
    ids, order = person_ids[labelled].sort(stable=True)
    counts = ids.unique_consecutive(return_counts=True)[1]
    starts = counts.cumsum(0) - counts
    occurrence = torch.arange(len(ids)) - starts.repeat_interleave(counts)
    by_round = occurrence.argsort(stable=True)
    return labelled[order[by_round]], occurrence.bincount().tolist()


@MODELS.register_module()
class OIMLoss(nn.Module):
    """Cross entropy against a table of identities and a queue of strangers.

    Known persons update their row of the lookup table by a moving average, persons
    without identity label go into the circular queue, one sample after the other in
    batch order. Under several ranks every rank applies the updates of all ranks, in
    the order of the whole batch where it is told (else in rank order), so that the
    tables never drift apart. Unlike in the public SPNet the
    write position is a buffer: training continues from a checkpoint where it was.

    Args:
        num_identities: rows ``L`` of the lookup table.
        embed_dims: embedding size ``D``.
        queue_size: rows of the circular queue.
        scale: inverse temperature.
        momentum: weight of the old row when a known person is seen again.
        mean_over_labelled: divide by the number of labelled samples, as the OIM paper
            reads, and not (default, the public SPNet) by the number of all samples.
        opposite_when_empty: see :func:`oim_logits`; OIM, NAE and SeqNet: False.
    """

    def __init__(
        self,
        num_identities: int,
        embed_dims: int = 128,
        queue_size: int = 5000,
        scale: float = 30.0,
        momentum: float = 0.5,
        mean_over_labelled: bool = False,
        opposite_when_empty: bool = True,
    ) -> None:
        super().__init__()
        self.num_identities = num_identities
        self.scale = scale
        self.momentum = momentum
        self.mean_over_labelled = mean_over_labelled
        self.opposite_when_empty = opposite_when_empty
        self.register_buffer("lookup_table", torch.zeros(num_identities, embed_dims))
        self.register_buffer("circular_queue", torch.zeros(queue_size, embed_dims))
        self.register_buffer("queue_head", torch.zeros((), dtype=torch.int64))

    def forward(
        self,
        embeddings: Tensor,
        person_ids: Tensor,
        batch_places: Tensor | None = None,
        **context: Tensor,
    ) -> Tensor:
        """Compute the loss, then update table and queue.

        Args:
            embeddings: ``(N, D)``, any length; ``N`` may be 0.
            person_ids: ``(N,)`` int64 in ``[0, L)``, -1 without identity label.
            batch_places: ``(N,)`` int64, where the rows of all ranks belong in the
                whole batch; rows of the same place stay in their order.
            **context: whatever else a model knows; none of it is read.

        Returns:
            Scalar, float32; 0 (with gradient) when nobody is labelled.

        Raises:
            ValueError: an identity outside the table, on whichever rank.
        """
        embeddings = F.normalize(at_least_float32(embeddings), dim=1)
        everybody = gather_without_gradient(embeddings)
        # The one wait for the device: the updates are planned on the CPU.
        all_ids = gather_without_gradient(person_ids).cpu()
        if batch_places is not None and get_world_size() > 1:
            order = gather_without_gradient(batch_places).argsort(stable=True)
            everybody, all_ids = everybody[order], all_ids[order.cpu()]
        self._check_ids(all_ids)
        logits = oim_logits(
            embeddings,
            person_ids,
            self.lookup_table,
            self.circular_queue,
            self.scale,
            self.opposite_when_empty,
        )
        total = F.cross_entropy(
            logits, person_ids.clamp(min=-1), ignore_index=-1, reduction="sum"
        )
        self._update(everybody, all_ids)
        if self.mean_over_labelled:
            return total / share_per_rank((person_ids >= 0).sum())
        return total / share_per_rank(total.new_tensor(len(logits)))

    def _check_ids(self, person_ids: Tensor) -> None:
        highest = int(person_ids.max()) if len(person_ids) else -1
        if highest >= self.num_identities:
            raise ValueError(
                f"person id {highest} in a batch, but the OIM table has "
                f"{self.num_identities} rows; set `model.reid_loss.num_identities` to "
                "the training set's number of identities"
            )

    @torch.no_grad()
    def _update(self, embeddings: Tensor, person_ids: Tensor) -> None:
        """Enter all ranks' samples; in place, since the loss kept its own copy.

        Args:
            embeddings: ``(N, D)`` L2-normalised.
            person_ids: ``(N,)`` int64, on the CPU.
        """
        table, queue = self.lookup_table, self.circular_queue
        device = table.device
        order, sizes = update_rounds(person_ids)
        samples = embeddings[order.to(device)].to(table.dtype).split(sizes)
        rows = person_ids[order].to(device).split(sizes)
        for row, x in zip(rows, samples, strict=True):
            moved = self.momentum * table[row] + (1 - self.momentum) * x
            table[row] = F.normalize(moved, dim=1)
        strangers = (person_ids < 0).nonzero().flatten()
        if len(strangers) and len(queue):
            slots = self.queue_head + torch.arange(len(strangers), device=device)
            # of strangers that share a slot the last one stays
            last = slice(max(len(strangers) - len(queue), 0), None)
            newest = embeddings[strangers[last].to(device)]
            queue[slots[last] % len(queue)] = newest.to(queue.dtype)
            self.queue_head.add_(len(strangers)).remainder_(len(queue))
