"""The parts of a Swap Path Network and how they are put together."""

from torch import Tensor, nn

from mmpsearch.models.person_search.base import PersonSearchModel
from mmpsearch.models.person_search.spnet.search_settings import SearchSettings
from mmpsearch.models.person_search.spnet.structures import Features
from mmpsearch.registry import MODELS


class SPNetwork(PersonSearchModel):
    """What training pathways, cascade and searches work with.

    Backbone and pyramid give maps; the anchor embedder gives every anchor an
    embedding; an SP block turns it into an offset - from a query embedding or from the
    bridge's guess of one - whose length says whether the anchor matches, and from
    which the box is regressed. Boxes may be refined in cascade steps, and are embedded
    for re-identification by the Box Embedder.

    Args:
        backbone: config of the backbone, outputs finest first.
        neck: config of the pyramid.
        anchor_embedder: config of the anchor embedder.
        sp_block: config of an SP block; each stage has its own.
        box_embedder: config of the re-id Box Embedder, without ``backbone``.
        detection_embedder: config of the separate Box Embedders for detection, or
            None to share ``box_embedder`` (whose size then is that of the anchors).
        cascade_steps: ``T``; SPNet-S has 0, SPNet-L 2.
        query_centric: in a search for queries, cascade steps compare a box with the
            query and not with the bridge's guess of one.
        share_anchor_logits: see :class:`SPNet`.
        search: limits of inference, see :class:`SearchSettings`.
        data_preprocessor: config; defaults to none.
        init_cfg: MMEngine's.
    """

    def __init__(
        self,
        backbone: dict,
        neck: dict,
        anchor_embedder: dict,
        sp_block: dict,
        box_embedder: dict,
        detection_embedder: dict | None = None,
        cascade_steps: int = 0,
        query_centric: bool = False,
        share_anchor_logits: bool = False,
        search: dict | None = None,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor=data_preprocessor, init_cfg=init_cfg)
        self.backbone = MODELS.build(backbone)
        self.neck = MODELS.build(neck)
        self.anchor_embedder = MODELS.build(anchor_embedder)
        self.cascade_steps = cascade_steps
        self.query_centric = query_centric
        self.sp_blocks = nn.ModuleList(
            MODELS.build(sp_block) for _ in range(cascade_steps + 1)
        )
        # Only batch-normalised logits have parameters.
        self.anchor_logits = (
            self.sp_blocks[0].logits
            if share_anchor_logits
            else MODELS.build(sp_block).logits
        )
        self.box_embedder = MODELS.build({**box_embedder, "backbone": self.backbone})
        self.detection_embedders = nn.ModuleList()
        if detection_embedder is not None:
            self.detection_embedders.extend(
                MODELS.build({**detection_embedder, "backbone": self.backbone})
                for _ in range(max(cascade_steps, 1))
            )
        self._check_sizes()
        self.search = SearchSettings(**(search or {}))

    def _check_sizes(self) -> None:
        sizes = {
            "anchor_embedder": self.anchor_embedder.embed_dims,
            "sp_block": self.sp_blocks[0].embed_dims,
            "detection_embedder (or the shared box_embedder)": (
                self.detection_embedders or [self.box_embedder]
            )[0].embed_dims,
        }
        if len(set(sizes.values())) > 1:
            raise ValueError(f"SPNet: `embed_dims` must agree, got {sizes}")

    def init_weights(self) -> None:
        """Initialise; Box Embedders then take the backbone's last stage."""
        super().init_weights()
        for embedder in (self.box_embedder, *self.detection_embedders):
            if hasattr(embedder, "copy_stage"):
                embedder.copy_stage(self.backbone)

    def extract(self, inputs: Tensor) -> Features:
        """Feature maps.

        Args:
            inputs: ``(B, 3, H, W)`` preprocessed.

        Returns:
            Stage outputs and pyramid.
        """
        return extract_features(self.backbone, self.neck, inputs)

    def detection_embeddings(
        self, features: Features, boxes: Tensor, image_index: Tensor, step: int
    ) -> Tensor:
        """Embeddings of boxes for detection, by the separate or the shared embedder.

        Args:
            features: of the batch.
            boxes: ``(N, 4)`` xyxy in pixels of the network input.
            image_index: ``(N,)`` int64.
            step: the cascade step that reads them, 1 .. T; queries are embedded
                for step 1.

        Returns:
            ``(N, D)``.
        """
        if not self.detection_embedders:
            return self.box_embedder(features, boxes, image_index)
        return self.detection_embedders[step - 1](features, boxes, image_index)


def extract_features(backbone: nn.Module, neck: nn.Module, inputs: Tensor) -> Features:
    """Stage outputs and pyramid of preprocessed inputs ``(B, 3, H, W)``."""
    stages = tuple(backbone(inputs))
    return Features(stages, tuple(neck(stages)), tuple(inputs.shape[-2:]))
