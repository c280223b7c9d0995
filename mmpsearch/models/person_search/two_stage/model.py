"""Two-stage person search: proposals, then a method's head."""

import torch
from mmengine.config import ConfigDict
from torch import Tensor

from mmpsearch.models.person_search.base import PersonSearchModel
from mmpsearch.models.person_search.predictions import people_to_embed, write_found
from mmpsearch.models.person_search.region_sampling import BoxBatch
from mmpsearch.models.person_search.structures import GroundTruth, batch_places
from mmpsearch.models.person_search.two_stage.regions import SelectSettings
from mmpsearch.models.person_search.two_stage.search_head import HeadLosses
from mmpsearch.registry import MODELS
from mmpsearch.structures import PersonSearchSample


@MODELS.register_module()
class TwoStageSearch(PersonSearchModel):
    """Faster R-CNN with a person-search head: OIM, NAE, SeqNet, and DKD's student.

    Args:
        backbone: config; its last output is the feature map.
        rpn_head: config of :class:`~mmpsearch.models.heads.ProposalHead`, with its
            ``train_cfg`` and, for both modes, ``test_cfg``.
        search_head: config of a
            :class:`~mmpsearch.models.search_heads.SearchHead`: the method.
        reid_loss: config of the loss of embeddings and person ids; None trains
            detection alone.
        reid_weight: its factor.
        train_proposals: changes of the proposals' ``test_cfg`` for training.
        search: limits of inference, see :class:`SelectSettings`.
        embed_ground_truth: also embed ``gt_instances`` at test time (GT mAP).
        data_preprocessor: config; defaults to none.
        init_cfg: MMEngine's.
    """

    training_only = (r"reid_loss\.",)

    def __init__(
        self,
        backbone: dict,
        rpn_head: dict,
        search_head: dict,
        reid_loss: dict | None = None,
        reid_weight: float = 1.0,
        train_proposals: dict | None = None,
        search: dict | None = None,
        embed_ground_truth: bool = False,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor=data_preprocessor, init_cfg=init_cfg)
        self.backbone = MODELS.build(backbone)
        self.rpn_head = MODELS.build(rpn_head)
        self.search_head = MODELS.build(search_head)
        self.reid_loss = MODELS.build(reid_loss) if reid_loss else None
        self.reid_weight = reid_weight
        self.train_proposals = ConfigDict(self.rpn_head.test_cfg)
        self.train_proposals.update(train_proposals or {})
        self.search = SelectSettings(**(search or {}))
        self.embed_ground_truth = embed_ground_truth

    def extract(self, inputs: Tensor) -> Tensor:
        """The feature map ``(B, C, h, w)`` of a preprocessed batch ``(B, 3, H, W)``."""
        return self.backbone(inputs)[-1]

    def loss(
        self, inputs: Tensor, data_samples: list[PersonSearchSample]
    ) -> dict[str, Tensor]:
        """Losses of proposals, head and re-identification.

        Args:
            inputs: ``(B, 3, H, W)`` preprocessed.
            data_samples: with ``gt_instances``.

        Returns:
            ``loss_rpn_cls``, ``loss_rpn_bbox``, the head's, and ``loss_reid``.
        """
        losses, found = self._train_head(self.extract(inputs), data_samples)
        if self.reid_loss is not None:
            losses["loss_reid"] = self.reid_weight * self.loss_of_found(found)
        return losses

    def loss_of_found(self, found: HeadLosses) -> Tensor:
        """The re-ID loss of what the head found.

        It may ask for ``unique_ids`` and ``batch_places``.
        """
        context = {} if found.unique_ids is None else {"unique_ids": found.unique_ids}
        if found.image_index is not None:
            context["batch_places"] = batch_places(found.image_index)
        return self.identity_loss(found.embeddings, found.person_ids, **context)

    def _train_head(
        self, feature_map: Tensor, data_samples: list[PersonSearchSample]
    ) -> tuple[dict[str, Tensor], HeadLosses]:
        """Detection losses, and what the head gave."""
        truth = GroundTruth.from_samples(data_samples, feature_map.device)
        losses, proposals = self.rpn_head.loss_and_predict(
            (feature_map,), data_samples, proposal_cfg=self.train_proposals
        )
        losses = {name: sum(values) for name, values in losses.items()}
        boxes = BoxBatch.from_images([p.bboxes.detach() for p in proposals])
        found = self.search_head.loss(feature_map, boxes, truth)
        losses.update(found.losses)
        return losses, found

    def predict(
        self, inputs: Tensor, data_samples: list[PersonSearchSample]
    ) -> list[PersonSearchSample]:
        """Detect and embed persons; embed queries from the same features.

        Args:
            inputs: ``(B, 3, H, W)`` preprocessed.
            data_samples: with ``query_instances`` where queries live in the image.

        Returns:
            The samples with ``pred_instances`` (``bboxes`` in pixels of the original
            image, ``scores``, ``labels``, ``embeddings``), ``embeddings`` in
            ``query_instances`` and, if asked for, in ``gt_instances``.
        """
        self._detect(self.extract(inputs), data_samples)
        return data_samples

    def _detect(
        self, feature_map: Tensor, data_samples: list[PersonSearchSample]
    ) -> None:
        """Write what is found on a feature map into the samples."""
        proposals = self.rpn_head.predict((feature_map,), data_samples)
        sizes = torch.tensor(
            [sample.img_shape[:2] for sample in data_samples],
            device=feature_map.device,
        )
        boxes = BoxBatch.from_images([p.bboxes for p in proposals])
        found = self.search_head.detect(feature_map, boxes, sizes, self.search)
        write_found(found, data_samples)
        for index, sample in enumerate(data_samples):
            for people in people_to_embed(sample, self.embed_ground_truth):
                own = people.bboxes.to(feature_map.device)
                batch = BoxBatch(own, torch.full_like(own[:, 0], index).long())
                embeddings = self.search_head.embed(feature_map, batch)
                people.embeddings = embeddings.float()
