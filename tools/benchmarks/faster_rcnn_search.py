"""The person-search pipeline SPNet's speed is compared with.

MMDetection's Faster R-CNN on ResNet-50-C4, as OIM, NAE and SeqNet have it: 300
proposals pass the fifth stage; the detected boxes pass a second copy of it, which
embeds them (SeqNet's second head).
"""

import copy
from pathlib import Path

from mmdet.structures.bbox import bbox2roi
from mmengine.config import Config
from torch import Tensor, nn

from mmpsearch.registry import MODELS

NUM_PROPOSALS = 300
EMBED_DIMS = 256


class FasterRCNNSearch(nn.Module):
    """Detect, then embed.

    Args:
        detector: of :func:`faster_rcnn_c4`.
    """

    def __init__(self, detector: nn.Module) -> None:
        super().__init__()
        self.detector = detector
        self.data_preprocessor = detector.data_preprocessor
        self.search_stage = copy.deepcopy(detector.roi_head.shared_head)
        self.projection = nn.Linear(2048, EMBED_DIMS)

    def predict(self, inputs: Tensor, data_samples: list) -> list:
        """The samples with ``pred_instances``: ``bboxes``, ``scores``, ``embeddings``.

        Args:
            inputs: ``(B, 3, H, W)`` preprocessed.
            data_samples: with ``img_shape``.
        """
        maps = self.detector.extract_feat(inputs)
        proposals = self.detector.rpn_head.predict(maps, data_samples, rescale=False)
        found = self.detector.roi_head.predict(maps, proposals, data_samples)
        regions = bbox2roi([instances.bboxes for instances in found])
        pooled = self.detector.roi_head.bbox_roi_extractor(maps, regions)
        vectors = self.search_stage(pooled).amax(dim=(2, 3))
        embeddings = self.projection(vectors).split([len(i) for i in found])
        for sample, instances, embedded in zip(
            data_samples, found, embeddings, strict=True
        ):
            instances.embeddings = embedded
            sample.pred_instances = instances
        return data_samples


def faster_rcnn_c4() -> nn.Module:
    """MMDetection's detector for one class, with the published limits of SeqNet."""
    import mmdet

    folder = Path(mmdet.__file__).parent / ".mim" / "configs" / "_base_" / "models"
    model = Config.fromfile(folder / "faster-rcnn_r50-caffe-c4.py").model
    model.backbone.init_cfg = model.roi_head.shared_head.init_cfg = None
    model.roi_head.bbox_head.num_classes = 1
    model.test_cfg.rpn.max_per_img = NUM_PROPOSALS
    model.test_cfg.rcnn.max_per_img = NUM_PROPOSALS
    model["_scope_"] = "mmdet"
    return MODELS.build(model)
