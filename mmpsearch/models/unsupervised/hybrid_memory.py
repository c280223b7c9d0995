"""SpCL's hybrid memory: classes, clusters and single images in one contrast."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.models.layers.precision import at_least_float32, full_precision
from mmpsearch.utils.distributed import gather_without_gradient, update_on_all_ranks


def class_centroids(features: Tensor, labels: Tensor) -> Tensor:
    """Mean feature of every class.

    Args:
        features: ``(M, D)``.
        labels: ``(M,)`` int64, every class from 0 to C - 1 occurs.

    Returns:
        ``(C, D)``, not normalised again (SpCL, section 3.1).
    """
    counts = torch.bincount(labels)
    sums = features.new_zeros(len(counts), features.shape[1])
    sums.index_add_(0, labels, features)
    return sums / counts[:, None]


def unified_contrastive_loss(
    embeddings: Tensor, centroids: Tensor, classes: Tensor, temperature: float = 0.05
) -> Tensor:
    """Contrast with all classes, clusters and single images at once.

    SpCL's equation (1): cross entropy of the cosines of an embedding to source
    classes' centroids, clusters' centroids and outliers, over the temperature.

    Args:
        embeddings: ``(B, D)``, L2-normalised; ``B`` may be 0.
        centroids: ``(C, D)``.
        classes: ``(B,)`` int64, the row of ``centroids`` that is positive.
        temperature: softmax temperature.

    Returns:
        Scalar, mean over the batch, float32; 0 for an empty one.
    """
    embeddings = at_least_float32(embeddings)
    if not len(classes):
        return embeddings.sum()
    with full_precision(embeddings):
        logits = embeddings @ centroids.to(embeddings).T / temperature
    return F.cross_entropy(logits, classes)


@torch.no_grad()
def momentum_update(
    features: Tensor, embeddings: Tensor, rows: Tensor, momentum: float
) -> None:
    """Move memory rows towards the mean of the batch's embeddings, in place.

    SpCL, section 3.1, and back to length 1 as in its code. The mean makes
    the result independent of the order in a batch; the code moves once per image.

    Args:
        features: ``(M, D)`` L2-normalised, changed.
        embeddings: ``(B, D)`` L2-normalised.
        rows: ``(B,)`` int64, rows of ``features``; may repeat.
        momentum: share of the old row.
    """
    touched, position = rows.unique(return_inverse=True)
    means = class_centroids(at_least_float32(embeddings).to(features.dtype), position)
    moved = momentum * features[touched] + (1 - momentum) * means
    features[touched] = F.normalize(moved, dim=1)


class HybridMemory(nn.Module):
    """Features of source classes and of every target image, and their clusters.

    Rows 0 to S - 1 are the source classes' centroids, rows S to S + N - 1 the target
    images. Size and content are taken from a checkpoint that is loaded, so that a
    model is built without knowing them.

    Args:
        temperature: of the loss.
        momentum: share of the old row in an update.

    Attributes:
        features: ``(S + N, D)`` float32, L2-normalised; no rows until filled.
        labels: ``(S + N,)`` int64 class of every row; source classes come first, then
            clusters, then single images.
        num_source: S, int64 scalar.
        least_independence: float64 scalar, of the first clustering; NaN before it.
    """

    def __init__(self, temperature: float = 0.05, momentum: float = 0.2) -> None:
        super().__init__()
        self.temperature, self.momentum = temperature, momentum
        self.register_buffer("features", torch.zeros(0, 0))
        self.register_buffer("labels", torch.zeros(0, dtype=torch.int64))
        self.register_buffer("num_source", torch.tensor(0))
        nan = torch.tensor(float("nan"), dtype=torch.float64)
        self.register_buffer("least_independence", nan)

    @property
    def is_filled(self) -> bool:
        """Whether it has any row."""
        return len(self.features) > 0

    @property
    def target_features(self) -> Tensor:
        """``(N, D)`` features of the target images."""
        return self.features[self.num_source :]

    @torch.no_grad()
    def fill(self, source: Tensor, target: Tensor) -> None:
        """Start anew.

        Args:
            source: ``(S, D)`` centroids, ``S`` may be 0.
            target: ``(N, D)`` embeddings.
        """
        rows = torch.cat([at_least_float32(source), at_least_float32(target)])
        self.features = F.normalize(rows.to(self.num_source.device), dim=1)
        self.labels = torch.arange(len(rows), device=self.features.device)
        self.num_source.fill_(len(source))
        self.least_independence.fill_(float("nan"))

    def set_target_classes(self, classes: Tensor) -> None:
        """Assign the target images.

        Args:
            classes: ``(N,)`` int64 from 0, every one occurs; see
                :func:`~mmpsearch.models.unsupervised.clustering.outliers_apart`.

        Raises:
            ValueError: another number of classes than of pictures, or a gap.
        """
        target = self.labels[self.num_source :]
        if classes.shape != target.shape or (torch.bincount(classes) == 0).any():
            raise ValueError(
                f"the {len(target)} target pictures need a class each, from 0 and "
                f"without a gap, got {tuple(classes.shape)}"
            )
        target.copy_(classes.to(target) + self.num_source)

    def loss(self, embeddings: Tensor, rows: Tensor) -> dict[str, Tensor]:
        """Losses of a batch; the memory is not changed.

        Args:
            embeddings: ``(B, D)``, L2-normalised.
            rows: ``(B,)`` int64 memory row of each.

        Returns:
            ``loss_target`` and, where the memory has source classes, ``loss_source``:
            each the mean over its own images, as in SpCL's code.
        """
        centroids = class_centroids(self.features, self.labels)
        classes = self.labels[rows]
        from_source = rows < self.num_source
        names = {"loss_target": ~from_source}
        if self.num_source > 0:
            names["loss_source"] = from_source
        places = {name: own.nonzero().flatten() for name, own in names.items()}
        return {
            name: unified_contrastive_loss(
                embeddings[place], centroids, classes[place], self.temperature
            )
            for name, place in places.items()
        }

    def update(self, embeddings: Tensor, rows: Tensor) -> None:
        """Take in the embeddings of all ranks' batches, equally on every rank."""

        touched, position = gather_without_gradient(rows).unique(return_inverse=True)
        moved = self.features[touched]  # of a large memory a batch touches little

        def move(embeddings: Tensor) -> None:
            momentum_update(moved, embeddings, position, self.momentum)

        update_on_all_ranks([moved], move, embeddings)
        self.features[touched] = moved

    def _load_from_state_dict(self, state_dict, prefix, *args, **kwargs) -> None:
        """Take over the size of what is loaded."""
        for name in ("features", "labels"):
            saved = state_dict.get(prefix + name)
            if saved is not None:
                own = getattr(self, name)
                setattr(self, name, own.new_empty(saved.shape))
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)
