"""SeqNeXt with a gallery filter network (Jaffe and Zakhor, WACV 2023)."""

from collections.abc import Callable

import torch
from torch import Tensor

from mmpsearch.models.person_search.gfn.filter_loss import (
    Objective,
    gallery_filter_loss,
)
from mmpsearch.models.person_search.gfn.fusion import Activation, QuerySceneFusion
from mmpsearch.models.person_search.gfn.scene_embedder import SceneEmbedder
from mmpsearch.models.person_search.gfn.scene_query import scene_queries
from mmpsearch.models.person_search.gfn.scene_table import SceneBatch, SceneTable
from mmpsearch.models.person_search.predictions import people_to_embed, write_found
from mmpsearch.models.person_search.region_sampling import BoxBatch
from mmpsearch.models.person_search.structures import FoundBoxes, GroundTruth
from mmpsearch.models.person_search.two_stage.model import TwoStageSearch
from mmpsearch.registry import MODELS
from mmpsearch.structures import PersonSearchSample


@MODELS.register_module()
class GFN(TwoStageSearch):
    """A two-stage model that also says which scenes can hold a query.

    Every scene has an embedding, and every query, with the scene that it was seen in,
    a question to scenes. With and without the filter the detector and the people's
    embeddings are the same: a metric or a gallery makes use of scenes, or does not.

    Args:
        scene_stage: config of the scenes' own last stage, as the head's.
        objective: what is compared, see :func:`gallery_filter_loss`.
        prototypes: labelled people are represented by their rows of the OIM table
            (``oim`` in the public configs) and not by the batch's boxes (``batch``).
        filtered: leave out pairs that may be unlabelled positives.
        activation: of :class:`QuerySceneFusion`.
        gate_temperature: likewise.
        temperature: of the contrast.
        pool_size: of :class:`SceneEmbedder`.
        scene_table: arguments of :class:`SceneTable`; None learns from the batch
            alone.
        filter_weight: factor of the filter's loss.
        **kwargs: of :class:`TwoStageSearch`.

    Attributes:
        scene_gate: scene embeddings ``(B, D)`` -> ``(B,)`` bool, in which people are
            looked for when testing; None: in all.
    """

    scene_gate: Callable[[Tensor], Tensor] | None = None

    def __init__(
        self,
        scene_stage: dict,
        objective: Objective = "combined",
        prototypes: bool = False,
        filtered: bool = True,
        activation: Activation = "se",
        gate_temperature: float = 0.2,
        temperature: float = 0.1,
        pool_size: int = 56,
        scene_table: dict | None = None,
        filter_weight: float = 1.0,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        if objective not in ("combined", "separate", "image"):
            raise ValueError(
                "objective must be 'combined', 'separate' or 'image', got "
                f"{objective!r}"
            )
        embed_dims = self.search_head.embed_dims
        self.scene_embedder = SceneEmbedder(scene_stage, embed_dims, pool_size)
        self.fusion = QuerySceneFusion(embed_dims, activation, gate_temperature)
        self.objective, self.prototypes = objective, prototypes
        self.filtered, self.temperature = filtered, temperature
        self.table = None if scene_table is None else SceneTable(**scene_table)
        self.filter_weight = filter_weight

    def init_weights(self) -> None:
        """As always; the scenes' branch then starts as the people's."""
        super().init_weights()
        head, scenes = self.search_head, self.scene_embedder
        scenes.stage.load_state_dict(head.search_stage.state_dict())
        scenes.embedding.load_state_dict(head.embedding.state_dict())

    def loss(
        self, inputs: Tensor, data_samples: list[PersonSearchSample]
    ) -> dict[str, Tensor]:
        """Losses of the filter, proposals, head and re-identification.

        Args:
            inputs: ``(B, 3, H, W)`` preprocessed.
            data_samples: with ``gt_instances`` and the metainfo ``img_id``.

        Returns:
            ``loss_filter``, ``loss_rpn_cls``, ``loss_rpn_bbox``, the head's, and
            ``loss_reid``.
        """
        feature_map = self.extract(inputs)
        # before the head, as published: its norms follow the labelled boxes first
        loss_filter = self._filter_loss(feature_map, data_samples)
        losses, found = self._train_head(feature_map, data_samples)
        losses["loss_filter"] = self.filter_weight * loss_filter
        if self.reid_loss is not None:
            losses["loss_reid"] = self.reid_weight * self.loss_of_found(found)
        return losses

    def _filter_loss(
        self, feature_map: Tensor, data_samples: list[PersonSearchSample]
    ) -> Tensor:
        truth = GroundTruth.from_samples(data_samples, feature_map.device)
        scenes = self.scene_embedder(feature_map)
        boxes = BoxBatch(truth.boxes, truth.image_index)
        batch = SceneBatch(
            scenes,
            self.search_head.embed(feature_map, boxes),
            truth.image_index,
            truth.person_ids,
            truth.unique_ids,
        )
        enlarged = batch
        if self.table is not None:
            images = [int(sample.img_id) for sample in data_samples]
            chosen = self.table.choose(images, batch)
            rows = self.table.rows(chosen, feature_map.device)
            enlarged = SceneBatch.join([batch, *rows])
            self.table.store(images, batch)
        return gallery_filter_loss(
            enlarged,
            self.fusion,
            self.objective,
            self.reid_loss.lookup_table if self.prototypes else None,
            self.filtered,
            self.temperature,
        )

    def predict(
        self, inputs: Tensor, data_samples: list[PersonSearchSample]
    ) -> list[PersonSearchSample]:
        """As :meth:`TwoStageSearch.predict`, and what there is to say of scenes.

        Where the ``scene_gate`` says no, nobody is looked for, and nobody found; scenes
        of queries are looked into whatever it says.

        Returns:
            The samples, with ``scene_embedding`` ``(D,)``, L2-normalised, and
            ``scene_queries`` ``(M, 3 D + 2)`` in ``query_instances``.
        """
        feature_map = self.extract(inputs)
        scenes = self.scene_embedder(feature_map).float()
        if self.scene_gate is None:
            self._detect(feature_map, data_samples)
        else:
            passing = self.scene_gate(scenes).tolist()
            self._detect_in(passing, feature_map, data_samples)
        for scene, sample in zip(scenes, data_samples, strict=True):
            sample.set_field(scene, "scene_embedding")
            for people in people_to_embed(sample, ground_truth=False):
                own = scene.expand(len(people.embeddings), -1)
                people.scene_queries = scene_queries(
                    people.embeddings.to(scene), own, self.fusion, self.objective
                )
        return data_samples

    def _detect_in(
        self,
        passing: list[bool],
        feature_map: Tensor,
        data_samples: list[PersonSearchSample],
    ) -> None:
        """As ``_detect``, in some of the images."""
        inside = [
            index
            for index, sample in enumerate(data_samples)
            if passing[index]
            or any(len(people.bboxes) for people in people_to_embed(sample, True))
        ]
        if inside:
            chosen = [data_samples[index] for index in inside]
            self._detect(feature_map[inside], chosen)
        nothing = feature_map.new_zeros(0)
        embeddings = feature_map.new_zeros(0, self.search_head.embed_dims)
        nobody = FoundBoxes(
            feature_map.new_zeros(0, 4), nothing, nothing.long(), embeddings
        )
        others = [
            sample for index, sample in enumerate(data_samples) if index not in inside
        ]
        write_found(nobody, others)
        for sample in others:
            for people in people_to_embed(sample, self.embed_ground_truth):
                people.embeddings = embeddings.float()

    @torch.no_grad()
    def embed_scenes(self, inputs: Tensor) -> Tensor:
        """``(B, D)`` of a preprocessed batch, without looking for anybody.

        A gallery can tell by them which scenes need no detection at all.
        """
        return self.scene_embedder(self.extract(inputs)).float()
