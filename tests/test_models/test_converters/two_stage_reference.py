"""SeqNet and NAE at test time, from torchvision's parts and the papers.

An independent, slow oracle with the public checkpoints' names; ResNet-18 and few
channels, so that a test takes seconds.
"""

import zlib

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models import resnet18
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.rpn import RegionProposalNetwork, RPNHead
from torchvision.ops import box_iou, roi_align

C4, C5, DIMS = 256, 512, 16


def named(**modules: nn.Module) -> nn.Module:
    holder = nn.Module()
    for name, module in modules.items():
        holder.add_module(name, module)
    return holder


class Reference(nn.Module):
    """Args: seqnet - two conv5, else NAE with one."""

    def __init__(self, seqnet: bool) -> None:
        super().__init__()
        self.seqnet = seqnet
        trunk = resnet18()
        names = ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3")
        self.backbone = nn.Sequential()
        for name in names:
            self.backbone.add_module(name, getattr(trunk, name))
        anchors = AnchorGenerator(((32, 64),), ((0.5, 1.0, 2.0),))
        numbers = dict(training=50, testing=50)
        self.rpn = RegionProposalNetwork(
            anchors,
            RPNHead(C4, 6),
            0.7,
            0.3,
            256,
            0.5,
            numbers,
            dict(training=20, testing=20),
            0.7,
        )
        heads = dict(
            box_head=named(layer4=trunk.layer4),
            box_predictor=named(bbox_pred=_with_norm(C5, 8)),
            embedding_head=named(
                projectors=named(
                    feat_res4=_with_norm(C4, DIMS // 2),
                    feat_res5=_with_norm(C5, DIMS // 2),
                ),
                rescaler=nn.BatchNorm1d(1),
            ),
            reid_loss=nn.Module(),
        )
        if seqnet:
            heads["reid_head"] = named(layer4=resnet18().layer4)
            heads["faster_rcnn_predictor"] = named(
                cls_score=nn.Linear(C5, 2), bbox_pred=nn.Linear(C5, 8)
            )
        self.roi_heads = named(**heads)
        self.roi_heads.reid_loss.register_buffer("lut", torch.zeros(7, DIMS))
        self.roi_heads.reid_loss.register_buffer("cq", torch.zeros(5, DIMS))

    def embed(self, features: Tensor, boxes: Tensor):
        heads = self.roi_heads
        conv5 = heads.reid_head if self.seqnet else heads.box_head
        cut = roi_align(features, [boxes], (14, 14), 1 / 16, 2)
        deep = F.adaptive_max_pool2d(conv5.layer4(cut), 1).flatten(1)
        shallow = F.adaptive_max_pool2d(cut, 1).flatten(1)
        projectors = heads.embedding_head.projectors
        x = torch.cat(
            [projectors.feat_res4(shallow), projectors.feat_res5(deep)], dim=1
        )
        norms = x.norm(dim=1, keepdim=True)
        logits = heads.embedding_head.rescaler(norms).flatten()
        return x / norms, logits, heads.box_predictor.bbox_pred(deep)[:, 4:]

    def detect(self, image: Tensor, threshold: float):
        """Boxes, scores and embeddings of one image ``(1, 3, H, W)``."""
        features, size = self.backbone(image), tuple(image.shape[-2:])
        proposals, _ = self.rpn(ImageList(image, [size]), {"0": features})
        boxes, nms_iou = proposals[0], 0.4
        if self.seqnet:
            heads = self.roi_heads
            cut = roi_align(features, [boxes], (14, 14), 1 / 16, 2)
            deep = F.adaptive_max_pool2d(heads.box_head.layer4(cut), 1).flatten(1)
            scores = heads.faster_rcnn_predictor.cls_score(deep).softmax(1)[:, 1]
            deltas = heads.faster_rcnn_predictor.bbox_pred(deep)[:, 4:]
            boxes = moved(boxes, deltas, size)
            kept = suppressed(boxes, scores, threshold, nms_iou)
            boxes, scores, nms_iou = boxes[kept], scores[kept], 0.5
            embeddings, _, deltas = self.embed(features, boxes)
        else:
            embeddings, logits, deltas = self.embed(features, boxes)
            scores = logits.sigmoid()
        boxes = moved(boxes, deltas, size)
        kept = suppressed(boxes, scores, threshold, nms_iou)
        return boxes[kept], scores[kept], embeddings[kept]


def _with_norm(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs))


def moved(boxes: Tensor, deltas: Tensor, size: tuple[int, int]) -> Tensor:
    rows = []
    for (x1, y1, x2, y2), (dx, dy, dw, dh) in zip(
        boxes.tolist(), deltas.tolist(), strict=True
    ):
        w, h = x2 - x1, y2 - y1
        cx, cy = x1 + w / 2 + dx / 10 * w, y1 + h / 2 + dy / 10 * h
        w, h = (
            side * torch.tensor(min(d / 5, 4.135166556742356)).exp().item()
            for side, d in ((w, dw), (h, dh))
        )
        rows.append([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2])
    limits = torch.tensor([size[1], size[0], size[1], size[0]])
    return torch.tensor(rows).view(-1, 4).clamp(min=0).minimum(limits)


def suppressed(boxes: Tensor, scores: Tensor, threshold: float, iou: float) -> Tensor:
    kept: list[int] = []
    for index in scores.argsort(descending=True).tolist():
        box = boxes[index]
        if scores[index] <= threshold or (box[2:] - box[:2]).min() < 0.01:
            continue
        if kept and box_iou(boxes[index : index + 1], boxes[kept]).max() > iou:
            continue
        kept.append(index)
    return torch.tensor(kept, dtype=torch.int64)


def fill(model: nn.Module) -> None:
    """Weights are a function of their names."""
    for name, value in model.state_dict().items():
        if not value.is_floating_point() or "anchor" in name:
            continue
        generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
        noise = torch.rand(value.shape, generator=generator) - 0.5
        fan_in = value[0].numel() if value.dim() > 1 else 1200
        noise *= (12 / fan_in) ** 0.5
        norm = name.endswith("running_var") or (
            value.dim() == 1 and name.endswith("weight")
        )
        value.copy_(noise + 1 if norm else noise)
