"""SPNet's object-centric inference."""

import torch
from torch import Tensor
from torch.linalg import vector_norm
from torchvision.ops import clip_boxes_to_image, nms

from mmpsearch.models.layers.boxes import clip_to_images, decode_boxes
from mmpsearch.models.person_search.spnet.network import SPNetwork
from mmpsearch.models.person_search.spnet.structures import Features
from mmpsearch.models.person_search.structures import FoundBoxes


def nearest(norms: Tensor, number: int, largest: bool) -> Tensor:
    """Positions ``(min(N, number),)`` of the best norms, best first."""
    return norms.topk(min(number, len(norms)), largest=largest).indices


def detect(network: SPNetwork, features: Features, image_sizes: Tensor) -> FoundBoxes:
    """Detect and embed every person (object-centric pathway).

    Args:
        network: in eval mode.
        features: of the batch.
        image_sizes: ``(B, 2)`` height, width before padding.

    Returns:
        Boxes of all images; within an image by descending score.
    """
    settings, block = network.search, network.sp_blocks[0]
    offsets, anchors = network.anchor_embedder(
        features.pyramid, features.batch_shape, block.bridge.affine()
    )
    norms = vector_norm(offsets.float(), dim=-1)
    boxes, scores = [], []
    for image, size in enumerate(image_sizes.tolist()):
        index = nearest(norms[image], settings.max_anchors, block.positive_logits)
        score = block.logits(norms[image, index]).sigmoid()
        confident = (score > settings.score_threshold).nonzero().flatten()
        order = nearest(score[confident], settings.max_boxes, largest=True)
        index, score = index[confident[order]], score[confident[order]]
        deltas = block.regression(offsets[image, index])
        box = clip_boxes_to_image(decode_boxes(deltas.float(), anchors[index]), size)
        kept = nms(box, score, settings.nms_iou)
        boxes.append(box[kept])
        scores.append(score[kept])
    counts = torch.tensor([len(b) for b in boxes], device=norms.device)
    image_index = torch.arange(len(boxes), device=norms.device)
    image_index = image_index.repeat_interleave(counts)
    found = FoundBoxes(torch.cat(boxes), torch.cat(scores), image_index, None)
    if not network.cascade_steps:
        # nothing refines these boxes: they need no detection embedding
        embeddings = network.box_embedder(features, found.boxes, image_index)
        return found._replace(embeddings=embeddings)
    found = found._replace(
        embeddings=network.detection_embeddings(features, found.boxes, image_index, 1)
    )
    for step in range(1, network.cascade_steps + 1):
        found = _refine(network, step, features, image_sizes, found)
    return found


def _refine(
    network: SPNetwork,
    step: int,
    features: Features,
    image_sizes: Tensor,
    found: FoundBoxes,
) -> FoundBoxes:
    """One cascade step. No score threshold: low boxes stay, with their low score."""
    block = network.sp_blocks[step]
    offsets = block.object_offsets(found.embeddings)
    scores = block.logits(vector_norm(offsets.float(), dim=-1)).sigmoid()
    boxes = decode_boxes(block.regression(offsets).float(), found.boxes)
    boxes = clip_to_images(boxes, found.image_index, image_sizes)
    kept = []
    for image in range(len(image_sizes)):
        own = (found.image_index == image).nonzero().flatten()
        kept.append(own[nms(boxes[own], scores[own], network.search.nms_iou)])
    index = torch.cat(kept)
    boxes, image_index = boxes[index], found.image_index[index]
    if step < network.cascade_steps:
        embeddings = network.detection_embeddings(
            features, boxes, image_index, step + 1
        )
    else:
        embeddings = network.box_embedder(features, boxes, image_index)
    return FoundBoxes(boxes, scores[index], image_index, embeddings)
