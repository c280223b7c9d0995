"""Variational distillation, "MutualInfo" in MMGL's tables (Tian et al., CVPR 2021)."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from mmpsearch.models.reid.base import ReIDBase
from mmpsearch.models.reid.observation_branch import ObservationBranch, Path
from mmpsearch.models.reid.reid_model import modality_numbers, sample_numbers
from mmpsearch.models.reid.sinkhorn_distance import sinkhorn_distance
from mmpsearch.models.reid.variational_losses import (
    prediction_divergence,
    released_divergence,
)
from mmpsearch.registry import MODELS
from mmpsearch.structures.reid_sample import ReIDSample
from mmpsearch.utils.distributed import gather_with_gradient

LUMINANCE = (0.2989, 0.5870, 0.1140)


def grey_images(images: Tensor) -> Tensor:
    """Luminance of normalised images, in three equal channels; no gradient.

    Args:
        images: ``(B, 3, H, W)``, RGB.

    Returns:
        Same shape.
    """
    weights = images.new_tensor(LUMINANCE)[:, None, None]
    grey = (images.detach() * weights).sum(dim=1, keepdim=True)
    return grey.expand_as(images)


@MODELS.register_module()
class VariationalDistillation(ReIDBase):
    """Three networks: of images as they are, of their grey versions, and of both.

    Every image, of either modality, takes four paths: the visible branch sees it as it
    is, the infrared branch its grey version, the shared branch both. Each path is
    classified twice, from its embedding (observation) and from its information
    bottleneck (representation); the representation shall predict what the observation
    predicts (VSD), and in the shared branch what the *other* version's observation
    predicts (VCD). The two specific branches learn from each other through the
    transport distance of their predictions.

    Args:
        backbone: config of one network; all three start alike.
        in_channels: of its last map.
        num_identities: training identities; None: built for testing.
        identity_loss: config; label smoothing 0.1 by default.
        rank_loss: config of a loss of embeddings, identities and modalities.
        mutual_weight: of the transport distance.
        self_distillation_weight: of VSD.
        cross_distillation_weight: of VCD.
        released_divergences: minimise the public code's forms of VSD and VCD, with
            which the published numbers were reached, see
            :func:`~mmpsearch.models.reid.variational_losses.released_divergence`;
            otherwise the paper's divergences.
        data_preprocessor: config, with the normalisation constants.
        init_cfg: see MMEngine's BaseModule.
    """

    training_only = (r"branches\.\w+\.(classifier|bottleneck)\.",)
    # weights of a path's classification and ranking
    PATH_WEIGHTS = dict(infrared=0.5, visible=0.5, shared_grey=0.25, shared=0.25)

    def __init__(
        self,
        backbone: dict,
        in_channels: int = 2048,
        num_identities: int | None = None,
        identity_loss: dict | None = None,
        rank_loss: dict | None = None,
        mutual_weight: float = 8.0,
        self_distillation_weight: float = 2.0,
        cross_distillation_weight: float = 2.0,
        released_divergences: bool = True,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor, init_cfg)
        self.num_identities = num_identities
        self.branches = nn.ModuleDict(
            {
                name: ObservationBranch(backbone, in_channels, num_identities)
                for name in ("visible", "infrared", "shared")
            }
        )
        self.mutual_weight = mutual_weight
        self.self_distillation_weight = self_distillation_weight
        self.cross_distillation_weight = cross_distillation_weight
        self.divergence = (
            released_divergence if released_divergences else prediction_divergence
        )
        self.identity_loss = MODELS.build(
            identity_loss or dict(type="mmpsearch.SmoothedCrossEntropy", smoothing=0.1)
        )
        self.rank_loss = MODELS.build(
            rank_loss or dict(type="mmpsearch.CrossModalityRankedListLoss")
        )

    def init_weights(self) -> None:
        """Every branch's backbone."""
        for branch in self.branches.values():
            branch.init_weights()

    def paths(self, inputs: Tensor, person_ids: Tensor) -> dict[str, Path]:
        """Args: inputs ``(B, 3, H, W)``, person_ids ``(B,)``. The four paths."""
        grey, branches = grey_images(inputs), self.branches
        return dict(
            infrared=branches["infrared"](grey, person_ids),
            shared_grey=branches["shared"](grey, person_ids),
            visible=branches["visible"](inputs, person_ids),
            shared=branches["shared"](inputs, person_ids),
        )

    def extract(
        self,
        inputs: Tensor,
        camera_ids: Tensor | None = None,
        modalities: Tensor | None = None,
    ) -> Tensor:
        """Embeddings for comparison.

        Args:
            inputs: ``(B, 3, H, W)``, normalised, of either modality.
            camera_ids: not used.
            modalities: not used.

        Returns:
            ``(B, 4 D)`` float32, not normalised: the observations of the infrared
            branch, of the shared branch (grey), of the visible and the shared branch.
        """
        grey, branches = grey_images(inputs), self.branches
        paths = (
            branches["infrared"].observe(grey),
            branches["shared"].observe(grey),
            branches["visible"].observe(inputs),
            branches["shared"].observe(inputs),
        )
        return torch.cat(paths, dim=1)

    def loss(self, inputs: Tensor, data_samples: list[ReIDSample]) -> dict[str, Tensor]:
        """Losses of a batch.

        Args:
            inputs: ``(B, 3, H, W)``, normalised.
            data_samples: with ``person_id`` (-1 unlabelled) and ``modality``.

        Returns:
            ``loss_id``, ``loss_rank``, ``loss_mutual``, ``loss_vsd``, ``loss_vcd``, and
            ``accuracy`` of the visible branch.
        """
        ids = sample_numbers(data_samples, "person_id", inputs)
        paths = self.paths(inputs, ids)
        losses = self._path_losses(paths, ids, modality_numbers(data_samples, inputs))
        losses |= self._distillation(paths)
        hits = paths["visible"].logits.detach().argmax(dim=1) == ids
        return losses | {"accuracy": hits.float().mean()}

    def _path_losses(
        self, paths: Mapping[str, Path], ids: Tensor, modalities: Tensor
    ) -> dict[str, Tensor]:
        identity, rank = 0, 0
        for name, weight in self.PATH_WEIGHTS.items():
            path = paths[name]
            for logits in (path.logits, path.bottleneck.logits):
                identity = identity + weight * self.identity_loss(logits, ids)
            for vectors in (path.observation, path.bottleneck.representation):
                rank = rank + weight * self.rank_loss(vectors, ids, modalities)
        return {"loss_id": identity, "loss_rank": rank}

    def _distillation(self, paths: Mapping[str, Path]) -> dict[str, Tensor]:
        infrared, visible = paths["infrared"], paths["visible"]
        grey, shared = paths["shared_grey"], paths["shared"]
        mutual = sinkhorn_distance(
            gather_with_gradient(infrared.logits.softmax(dim=1)),
            gather_with_gradient(visible.logits.softmax(dim=1)),
        )
        own = sum(
            self.divergence(path.logits, path.bottleneck.logits)
            for path in (infrared, visible)
        )
        cross = sum(
            self.divergence(teacher.logits, student.bottleneck.logits) / 2
            for teacher, student in ((shared, grey), (grey, shared))
        )
        return {
            "loss_mutual": self.mutual_weight * mutual,
            "loss_vsd": self.self_distillation_weight * own,
            "loss_vcd": self.cross_distillation_weight * cross,
        }

    def predict(
        self, inputs: Tensor, data_samples: list[ReIDSample]
    ) -> list[ReIDSample]:
        """Give every sample its ``embedding`` ``(4 D,)``."""
        for sample, embedding in zip(data_samples, self.extract(inputs), strict=True):
            sample.embedding = embedding
        return data_samples
