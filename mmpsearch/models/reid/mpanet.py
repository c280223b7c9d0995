"""MPANet: modality and pattern alignment (Wu et al., CVPR 2021)."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from mmpsearch.models.heads.embedding_head import Embedding
from mmpsearch.models.layers.global_mean import share_per_rank
from mmpsearch.models.layers.precision import full_precision
from mmpsearch.models.losses.cross_entropy import UNLABELLED, SmoothedCrossEntropy
from mmpsearch.models.reid.modality_learning import (
    averaging_rate,
    mask_separation,
    modality_divergence,
)
from mmpsearch.models.reid.reid_model import ReIDModel, modality_numbers, sample_numbers
from mmpsearch.models.training_follower import TrainingFollower
from mmpsearch.registry import MODELS
from mmpsearch.structures.reid_sample import MODALITIES, ReIDSample
from mmpsearch.utils.schedules import TrainingProgress


@MODELS.register_module()
class MPANet(TrainingFollower, ReIDModel):
    """Re-ID model with separated pattern masks and a classifier for each modality.

    The neck is a :class:`~mmpsearch.models.necks.PatternAlignmentNeck`, whose masks
    shall not overlap. Beside the classifier of all images, each modality has one of its
    own, and an average of it over training; what it says of its images shall be what
    the *other* modality's average says. Needs ``TrainingProgressHook``.

    Args:
        separation_weight: of the masks' overlap.
        modality_weight: of the modalities' cross entropies. The paper's 0.5 is added
            twice in the public code: 1.
        divergence_weight: of the disagreement with the other modality.
        **kwargs: as :class:`ReIDModel`; ``neck`` and ``heads`` have one part,
            ``whole``.
    """

    training_only = (
        *ReIDModel.training_only,
        r"modality_classifiers\.",
        r"average_weights$",
    )

    def __init__(
        self,
        separation_weight: float = 0.5,
        modality_weight: float = 1.0,
        divergence_weight: float = 2.5,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.separation_weight = separation_weight
        self.modality_weight = modality_weight
        self.divergence_weight = divergence_weight
        if self.num_identities is None:
            return
        sizes = (self.heads["whole"].embed_dims, self.num_identities)
        self.modality_classifiers = nn.ModuleList(
            nn.Linear(*sizes, bias=False) for _ in MODALITIES
        )
        weights = [layer.weight.detach() for layer in self.modality_classifiers]
        self.register_buffer("average_weights", torch.stack(weights))
        self.cross_entropy = SmoothedCrossEntropy(smoothing=0)

    @torch.no_grad()
    def start_iteration(self, progress: TrainingProgress) -> None:
        """Move the averages of the modalities' classifiers."""
        super().start_iteration(progress)
        weights = torch.stack([layer.weight for layer in self.modality_classifiers])
        self.average_weights.lerp_(weights, averaging_rate(progress.epoch))

    def loss(self, inputs: Tensor, data_samples: list[ReIDSample]) -> dict[str, Tensor]:
        """Losses of a batch, see :class:`ReIDModel`, with ``loss_separation``.

        Args:
            inputs: ``(B, 3, H, W)``, normalised.
            data_samples: with ``person_id`` (-1 unlabelled) and ``modality``.

        Returns:
            Losses by name.
        """
        ids = sample_numbers(data_samples, "person_id", inputs)
        features = self.features(inputs)
        masks = self.neck.masks(features)
        whole = self.heads["whole"](self.neck.pool(features, masks)["whole"])
        losses = self.embedding_losses(
            {"whole": whole}, ids, modality_numbers(data_samples, inputs)
        )
        overlap = mask_separation(masks)
        count = overlap.new_tensor(len(overlap))
        separation = overlap.sum() / share_per_rank(count)
        return losses | {"loss_separation": self.separation_weight * separation}

    def embedding_losses(
        self,
        embeddings: Mapping[str, Embedding],
        person_ids: Tensor,
        modalities: Tensor,
    ) -> dict[str, Tensor]:
        """As :class:`ReIDModel`, with ``loss_modality`` and ``loss_divergence``.

        Args:
            embeddings: part ``whole``.
            person_ids: ``(B,)`` int64, -1 unlabelled.
            modalities: ``(B,)`` int64, 0 RGB and 1 infrared.

        Returns:
            Losses by name.
        """
        _ = self.progress  # without it, the averages would stand still
        losses = super().embedding_losses(embeddings, person_ids, modalities)
        vectors, entropies, divergences = embeddings["whole"].after_bn, [], []
        for modality, classifier in enumerate(self.modality_classifiers):
            own = (modalities == modality) & (person_ids != UNLABELLED)
            own = own.nonzero().flatten()  # once: a question to the GPU
            rows = vectors[own]
            with full_precision(vectors):
                logits = classifier(rows)
                other = rows.detach() @ self.average_weights[1 - modality].T
            entropies.append(self.cross_entropy(logits, person_ids[own]))
            divergences.append(modality_divergence(logits, other))
        rows = torch.cat(divergences)
        divergence = rows.sum() / share_per_rank(rows.new_tensor(len(rows)))
        return losses | {
            "loss_modality": self.modality_weight * sum(entropies),
            "loss_divergence": self.divergence_weight * divergence,
        }
