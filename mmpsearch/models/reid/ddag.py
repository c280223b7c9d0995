"""DDAG: dynamic dual-attentive aggregation (Ye et al., ECCV 2020)."""

from collections.abc import Mapping

from torch import Tensor

from mmpsearch.models.heads.embedding_head import Embedding
from mmpsearch.models.reid.epoch_loss_weight import EpochLossWeight
from mmpsearch.models.reid.identity_graph import IdentityGraph
from mmpsearch.models.reid.reid_model import Features, ReIDModel
from mmpsearch.models.training_follower import TrainingFollower
from mmpsearch.registry import MODELS
from mmpsearch.utils.schedules import TrainingProgress


@MODELS.register_module()
class DDAG(TrainingFollower, ReIDModel):
    """Two embeddings of an image, and a graph of the batch's images in training.

    ``heads.whole`` makes the embedding of the pooled map, ``heads.attended`` (a
    :class:`~mmpsearch.models.heads.PartAttentionHead`) adds the map's parts to it. Both
    are classified by **one** classifier, as released. The graph's loss is weighted by
    ``1 / (1 + L)`` (equation 10), where ``L`` is the mean of all other losses over the
    previous epoch, and not at all in the first epoch. Needs
    ``TrainingProgressHook``.

    Args:
        graph_heads: attention heads of the graph.
        graph_dropout: its dropout.
        **kwargs: as :class:`ReIDModel`.
    """

    training_only = (*ReIDModel.training_only, r"graph\.", r"graph_weight\.")

    def __init__(
        self, graph_heads: int = 4, graph_dropout: float = 0.2, **kwargs
    ) -> None:
        super().__init__(**kwargs)
        if self.num_identities is None:
            return
        self.classifiers["attended"] = self.classifiers["whole"]
        channels = self.heads["whole"].embed_dims
        self.graph = IdentityGraph(
            channels, self.num_identities, graph_heads, graph_dropout
        )
        self.graph_weight = EpochLossWeight()

    def start_iteration(self, progress: TrainingProgress) -> None:
        """Set the graph's weight where an epoch begins."""
        super().start_iteration(progress)
        self.graph_weight.start_iteration(progress.epoch)

    def embeddings(self, features: Features) -> dict[str, Embedding]:
        """``whole`` and ``attended``."""
        whole = self.heads["whole"](self.neck(features)["whole"])
        attended = self.heads["attended"](features[-1], whole.after_bn)
        return {"whole": whole, "attended": attended}

    def embedding_losses(
        self,
        embeddings: Mapping[str, Embedding],
        person_ids: Tensor,
        modalities: Tensor,
    ) -> dict[str, Tensor]:
        """As :class:`ReIDModel`, with ``loss_graph`` and its weight.

        Args:
            embeddings: by name of part.
            person_ids: ``(B,)`` int64, -1 unlabelled.
            modalities: ``(B,)`` int64.

        Returns:
            Losses by name; ``graph_weight`` is for the log.
        """
        _ = self.progress  # without it, the weight would stay 0
        losses = super().embedding_losses(embeddings, person_ids, modalities)
        self.graph_weight.follow(
            sum(value for name, value in losses.items() if name.startswith("loss"))
        )
        graph = self.graph(embeddings["whole"].pooled, person_ids)
        weight = self.graph_weight.weight.clone()
        return losses | {"loss_graph": weight * graph, "graph_weight": weight}
