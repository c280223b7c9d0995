"""One image of a person-search data set, before and after the model saw it."""

from mmdet.structures import DetDataSample
from mmengine.structures import InstanceData


class PersonSearchSample(DetDataSample):
    """MMDetection's data sample plus the queries that live in the image.

    Boxes are ``xyxy`` float32. N ground-truth persons, M queries, K detections.

    Attributes:
        gt_instances: ``bboxes`` (N, 4) in pixels of the network input, ``labels``
            (N,) zeros, ``person_ids`` (N,) int64 (-1 without identity label),
            ``unique_ids`` (N,) int64; and ``embeddings`` (N, D) when the model was
            asked to embed the ground truth.
        query_instances: ``bboxes`` (M, 4) in pixels of the network input,
            ``query_ids`` (M,) int64 positions in the protocol's query list; and
            ``embeddings`` (M, D) after ``predict`` or ``embed_queries``, the latter
            adds ``detection_embeddings``.
        sought_queries: queries to look for in the image, for query-centric search:
            ``query_ids`` (Q,) int64, ``detection_embeddings`` and ``embeddings``;
            absent in object-centric search, and after ``predict``.
        pred_instances: ``bboxes`` (K, 4) in pixels of the ORIGINAL image, ``scores``
            (K,), ``labels`` (K,) zeros, ``embeddings`` (K, D) not normalised. Of
            query-centric search: ``query_ids`` (K,) whom each box was found for, and
            ``similarities`` (K,) with that query in place of ``embeddings``.

    Metainfo: ``img_id``, ``img_key``, ``img_path``, ``camera_id``, ``ori_shape`` and
    ``img_shape`` (h, w), ``scale_factor`` (w, h), ``flip``; ``batch_input_shape`` is
    added by the data preprocessor.
    """

    @property
    def query_instances(self) -> InstanceData:
        return self._query_instances

    @query_instances.setter
    def query_instances(self, value: InstanceData) -> None:
        self.set_field(value, "_query_instances", dtype=InstanceData)

    @query_instances.deleter
    def query_instances(self) -> None:
        del self._query_instances

    @property
    def sought_queries(self) -> InstanceData:
        return self._sought_queries

    @sought_queries.setter
    def sought_queries(self, value: InstanceData) -> None:
        self.set_field(value, "_sought_queries", dtype=InstanceData)

    @sought_queries.deleter
    def sought_queries(self) -> None:
        del self._sought_queries
