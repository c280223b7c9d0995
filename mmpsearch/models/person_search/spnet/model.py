"""Swap Path Network: one set of weights, query-centric and object-centric."""

import torch
from mmengine.logging import print_log
from torch import Tensor, nn

from mmpsearch.errors import CheckpointError
from mmpsearch.models.layers.context import names_context
from mmpsearch.models.layers.momentum_encoder import MomentumEncoder
from mmpsearch.models.person_search.base import SearchesForQueries
from mmpsearch.models.person_search.predictions import people_to_embed, write_found
from mmpsearch.models.person_search.spnet.network import SPNetwork, extract_features
from mmpsearch.models.person_search.spnet.object_centric_search import detect
from mmpsearch.models.person_search.spnet.query_centric_search import (
    PairBoxes,
    search_queries,
)
from mmpsearch.models.person_search.spnet.query_prediction import (
    embed_queries,
    predict_for_queries,
)
from mmpsearch.models.person_search.spnet.structures import Features
from mmpsearch.models.person_search.spnet.train_pathway import TrainPathway
from mmpsearch.models.person_search.spnet.untrained import untrained_parts
from mmpsearch.models.person_search.spnet.weight_transfer import transfer_weights
from mmpsearch.models.person_search.structures import GroundTruth, batch_places
from mmpsearch.registry import MODELS
from mmpsearch.structures import PersonSearchSample
from mmpsearch.utils.checkpoint import load_checkpoint, training_only


@MODELS.register_module()
class SPNet(SPNetwork, SearchesForQueries):
    """End-to-end person search (Jaffe and Zakhor, *Swap Path Network*).

    :class:`SPNetwork` tells how its parts work together; here it is trained and tested.

    Args:
        backbone: config of the backbone, outputs finest first.
        neck: config of the pyramid.
        anchor_embedder: config of the anchor embedder.
        sp_block: config of an SP block; each stage has its own.
        box_embedder: config of the re-id Box Embedder, without ``backbone``.
        detection_embedder: config of the separate Box Embedders for detection, or
            None to share ``box_embedder`` (whose size then is that of the anchors).
        cascade_steps: ``T``; SPNet-S has 0, SPNet-L 2.
        query_centric: the detection embeddings are trained against queries, and so
            cascade steps compare boxes with a query in :meth:`search_image`. None: as
            ``train_pathway`` trains them.
        train_pathway: config of :class:`ObjectCentricTraining` or
            :class:`QueryCentricTraining`; only needed for training.
        reid_loss: config of the re-id loss; None trains detection alone.
        momentum_rate: weight of the new parameters in the momentum encoder, which
            exists when the re-id loss names ``momentum_embeddings``.
        scene_distillation: config of :class:`SceneDistillation`, which keeps the
            backbone's classifier of whole images; None leaves it out.
        freeze_backbone: train everything but the backbone. As in the public code it
            stays in train mode (stochastic depth, batch statistics); the Box
            Embedders' copies of its last stage are trained.
        share_anchor_logits: score anchors at test time by the batch-normalised logits
            that the anchor loss trained. The public code keeps two layers and tests
            with the one that no loss of the first stage reaches. Without effect on
            FixedNorm logits, which have no parameters.
        search: limits of inference, see :class:`SearchSettings`.
        pretrained: where to take pre-trained weights from: ``dict(checkpoint=path)``
            and the options ``keep_bridge`` and ``repeat_stages`` of
            :func:`transfer_weights`. A resumed or tested model takes its own
            checkpoint's weights instead, and needs no such file.
        embed_ground_truth: also embed ``gt_instances`` at test time (GT mAP).
        data_preprocessor: config; defaults to none.
        init_cfg: MMEngine's.

    Raises:
        ValueError: ``query_centric`` and ``train_pathway`` contradict each other.
    """

    training_only = (
        r"train_pathway\.",
        r"reid_loss\.",
        r"momentum_encoder\.",
        r"scene_distillation\.",
    )

    def __init__(
        self,
        backbone: dict,
        neck: dict,
        anchor_embedder: dict,
        sp_block: dict,
        box_embedder: dict,
        detection_embedder: dict | None = None,
        cascade_steps: int = 0,
        query_centric: bool | None = None,
        train_pathway: dict | None = None,
        reid_loss: dict | None = None,
        momentum_rate: float = 1e-4,
        scene_distillation: dict | None = None,
        freeze_backbone: bool = False,
        share_anchor_logits: bool = False,
        search: dict | None = None,
        pretrained: dict | None = None,
        embed_ground_truth: bool = False,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        pathway = MODELS.build(train_pathway) if train_pathway else None
        super().__init__(
            backbone=backbone,
            neck=neck,
            anchor_embedder=anchor_embedder,
            sp_block=sp_block,
            box_embedder=box_embedder,
            detection_embedder=detection_embedder,
            cascade_steps=cascade_steps,
            query_centric=_is_query_centric(query_centric, pathway),
            share_anchor_logits=share_anchor_logits,
            search=search,
            data_preprocessor=data_preprocessor,
            init_cfg=init_cfg,
        )
        self.train_pathway = pathway
        self.reid_loss = MODELS.build(reid_loss) if reid_loss else None
        self.momentum_encoder = None
        if reid_loss and names_context(self.reid_loss, "momentum_embeddings"):
            self.momentum_encoder = MomentumEncoder(self._encoder(), momentum_rate)
        self.scene_distillation = None
        if scene_distillation is not None:
            self.scene_distillation = MODELS.build(
                {**scene_distillation, "backbone": self.backbone}
            )
        if freeze_backbone:
            self.backbone.requires_grad_(False)
        if self.train_pathway is not None:
            for part in untrained_parts(self, pathway, self.reid_loss is not None):
                part.requires_grad_(False)
        self.pretrained = dict(pretrained or {})
        self.embed_ground_truth = embed_ground_truth

    @classmethod
    def inference_settings(cls, settings: dict) -> dict:
        """See :meth:`RunnerModel.inference_settings`; ``query_centric`` stays."""
        kept = super().inference_settings(settings)
        pathway = settings.get("train_pathway")
        if pathway and settings.get("query_centric") is None:
            kept["query_centric"] = MODELS.build(pathway).query_centric
        return kept

    def init_weights(self) -> None:
        """As :class:`SPNetwork`; then what was pre-trained is loaded.

        Raises:
            CheckpointError: ``pretrained`` names no checkpoint of SPNet, or
                ``scene_distillation`` has no classifier to start from.
        """
        options = dict(self.pretrained)
        path = options.pop("checkpoint", None)
        if path is not None and self.scene_distillation is None:
            self.backbone.init_cfg = None  # all of it comes from the checkpoint
        super().init_weights()
        if self.scene_distillation is not None:
            self.scene_distillation.start_from(self.backbone)
        if path is not None:
            self._load_pretrained(path, **options)

    def _load_pretrained(self, path: str, **options) -> None:
        state = load_checkpoint(path)
        state = state.get("state_dict", state)
        try:
            weights, report = transfer_weights(
                state, self.state_dict(), training_only(self), **options
            )
        except ValueError as error:
            raise CheckpointError(f"{path}: {error}") from error
        self.load_state_dict(weights, strict=False)
        print_log(
            f"pre-trained weights from {path}: {report}; {report.not_taken_over()}",
            logger="current",
        )

    def _encoder(self) -> dict[str, nn.Module]:
        """What the momentum encoder follows."""
        return {
            "backbone": self.backbone,
            "neck": self.neck,
            "box_embedder": self.box_embedder,
        }

    def loss(
        self, inputs: Tensor, data_samples: list[PersonSearchSample]
    ) -> dict[str, Tensor]:
        """Detection and re-id losses.

        Args:
            inputs: ``(B, 3, H, W)`` preprocessed.
            data_samples: with ``gt_instances``.

        Returns:
            ``loss_anchor``, ``loss_box_t``, ``loss_class_t``, ``loss_reid`` and, where
            they are wanted, ``loss_scene``. The re-ID loss sees predicted boxes, then
            those of the ground truth, and may name ``unique_ids``, ``is_predicted``
            ``(N,)`` bool, ``batch_places`` and the momentum encoder's
            ``momentum_embeddings`` ``(N, R)``.
        """
        features = self.extract(inputs)
        truth = GroundTruth.from_samples(data_samples, inputs.device)
        truth_embeddings = self.box_embedder(features, truth.boxes, truth.image_index)
        losses, boxes, image_index, person = self.train_pathway.losses(
            self, features, truth, truth_embeddings
        )
        if self.scene_distillation is not None:
            losses["loss_scene"] = self.scene_distillation(inputs, features.stages[-1])
        if self.reid_loss is None:
            return losses
        predicted = self.box_embedder(features, boxes, image_index)
        embeddings = torch.cat([predicted, truth_embeddings])
        rows = torch.arange(len(embeddings), device=boxes.device)
        context = {
            "unique_ids": torch.cat([truth.unique_ids[person], truth.unique_ids]),
            "is_predicted": rows < len(boxes),
            "batch_places": torch.cat(
                [batch_places(image_index), batch_places(truth.image_index, group=1)]
            ),
        }
        if self.momentum_encoder is not None:
            context["momentum_embeddings"] = self._momentum_embeddings(
                inputs, boxes, image_index, truth
            )
        person_ids = torch.cat([truth.person_ids[person], truth.person_ids])
        losses["loss_reid"] = self.identity_loss(embeddings, person_ids, **context)
        return losses

    @torch.no_grad()
    def _momentum_embeddings(
        self, inputs: Tensor, boxes: Tensor, image_index: Tensor, truth: GroundTruth
    ) -> Tensor:
        """The momentum encoder's view of the same boxes; then it moves one step."""
        self.momentum_encoder.copy_at_start(self._encoder())
        encoder = self.momentum_encoder.module
        features = extract_features(encoder["backbone"], encoder["neck"], inputs)
        embed = encoder["box_embedder"]
        embeddings = torch.cat(
            [
                embed(features, boxes, image_index),
                embed(features, truth.boxes, truth.image_index),
            ]
        )
        self.momentum_encoder.follow(self._encoder())
        return embeddings

    def predict(
        self, inputs: Tensor, data_samples: list[PersonSearchSample]
    ) -> list[PersonSearchSample]:
        """Detect and embed persons; embed queries from the same features.

        Args:
            inputs: ``(B, 3, H, W)`` preprocessed.
            data_samples: with ``query_instances`` where queries live in the image;
                or with ``sought_queries``, then the images are searched for these,
                see :func:`predict_for_queries`.

        Returns:
            The samples with ``pred_instances`` (``bboxes`` in pixels of the original
            image, ``scores``, ``labels``, ``embeddings``), ``embeddings`` in
            ``query_instances`` and, if asked for, in ``gt_instances``.
        """
        features = self.extract(inputs)
        if "sought_queries" in data_samples[0]:
            return predict_for_queries(self, features, data_samples)
        sizes = torch.tensor(
            [sample.img_shape[:2] for sample in data_samples], device=inputs.device
        )
        found = detect(self, features, sizes)
        write_found(found, data_samples)
        for index, sample in enumerate(data_samples):
            for people in people_to_embed(sample, self.embed_ground_truth):
                boxes = people.bboxes.to(inputs.device)
                people.embeddings = self.box_embedder(
                    features, boxes, torch.full_like(boxes[:, 0], index).long()
                ).float()
        return data_samples

    def query_sizes(self) -> tuple[int, int]:
        """Sizes of anchor and of re-ID embeddings."""
        return self.anchor_embedder.embed_dims, self.box_embedder.embed_dims

    def embed_queries(
        self, inputs: Tensor, data_samples: list[PersonSearchSample]
    ) -> list[PersonSearchSample]:
        """The queries' embeddings, for query-centric search.

        Args:
            inputs: ``(B, 3, H, W)`` preprocessed.
            data_samples: with ``query_instances``.

        Returns:
            The samples, see :func:`embed_queries`.
        """
        return embed_queries(self, self.extract(inputs), data_samples)

    def search_image(
        self, features: Features, image_size: tuple[int, int], queries: Tensor
    ) -> PairBoxes:
        """Query-centric search of one image, see :func:`search_queries`."""
        return search_queries(self, features, image_size, queries)


def _is_query_centric(said: bool | None, pathway: TrainPathway | None) -> bool:
    """What the constructor says, or what the pathway trains."""
    trained = None if pathway is None else pathway.query_centric
    if said is None:
        return bool(trained)
    if trained is not None and trained != said:
        raise ValueError(
            f"SPNet: query_centric={said} contradicts train_pathway "
            f"{type(pathway).__name__}; leave model.query_centric out or change one"
        )
    return said
