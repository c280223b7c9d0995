"""Protocols and detections for the person-search tests, and a slow evaluator."""

import json
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score

from mmpsearch.evaluation.functional import Detections, QueryContext
from mmpsearch.structures import SearchProtocol, positives_from_ground_truth

DATA = Path(__file__).parents[1] / "data" / "evaluation"


def make_protocol(people, queries, galleries=None, cameras=None, name="case"):
    """A protocol from nested lists.

    Args:
        people: Per image a list of (box, person id).
        queries: List of (image, number of the person in the image).
        galleries: Per query a list of images; None: the whole set.
        cameras: Per image its camera.
    """
    boxes = np.array([b for image in people for b, _ in image], float).reshape(-1, 4)
    ids = np.array([i for image in people for _, i in image], dtype=np.int64)
    offsets = np.cumsum([0] + [len(image) for image in people])
    rows = [offsets[image] + number for image, number in queries]
    query_images = np.array([image for image, _ in queries], dtype=np.int64)
    positives = positives_from_ground_truth(
        boxes, ids, offsets, query_images, ids[rows]
    )
    lists = dict(gallery_offsets=None, gallery_images=None)
    if galleries is not None:
        lists = dict(
            gallery_offsets=np.cumsum([0] + [len(g) for g in galleries]),
            gallery_images=[image for g in galleries for image in g],
        )
    return SearchProtocol(
        name=name,
        image_keys=[f"{image}.jpg" for image in range(len(people))],
        image_cameras=[-1] * len(people) if cameras is None else cameras,
        gt_boxes=boxes,
        gt_person_ids=ids,
        gt_offsets=offsets,
        query_images=query_images,
        query_boxes=boxes[rows],
        query_person_ids=ids[rows],
        positive_offsets=positives[0],
        positive_images=positives[1],
        positive_boxes=positives[2],
        **lists,
    )


def box_at(position, size=100):
    """A square box; different positions do not overlap."""
    return [200 * position, 0, 200 * position + size, size]


def random_case(seed, dim=3, listed=False, ties=False):
    """A small random protocol with detections and query embeddings.

    Detections are duplicated, missed, shifted and wrong; ``ties`` rounds embeddings
    so that many similarities are equal.
    """
    rng = np.random.default_rng(seed)
    people = [
        [(box_at(p, 30), int(rng.integers(-1, 5))) for p in range(rng.integers(0, 4))]
        for _ in range(14)
    ]
    labelled = [
        (i, p)
        for i, image in enumerate(people)
        for p, (_, n) in enumerate(image)
        if n >= 0
    ]
    queries = [labelled[k] for k in rng.permutation(len(labelled))[:6]]
    galleries = None
    if listed:
        galleries = [
            rng.choice([i for i in range(14) if i != image], 9).tolist()
            for image, _ in queries
        ]
    protocol = make_protocol(
        people, queries, galleries, cameras=rng.integers(0, 3, len(people))
    )
    boxes, scores, embeddings = [], [], []
    for image in people:
        shown = [np.array(b) + rng.uniform(-7, 7, 4) for b, _ in image] * 2
        shown = [b for b in shown if rng.random() < 0.7] + [np.array(box_at(9))]
        count = len(shown) if rng.random() < 0.9 else 0
        boxes.append(np.array(shown[:count], np.float32).reshape(-1, 4))
        scores.append(rng.choice([0.3, 0.5, 0.7, 0.9], count).astype(np.float32))
        rows = rng.standard_normal((count, dim)).astype(np.float32)
        embeddings.append(np.sign(rows) if ties else rows)
    query_rows = rng.standard_normal((len(queries), dim)).astype(np.float32)
    return (
        protocol,
        Detections.from_images(boxes, scores, embeddings),
        np.sign(query_rows) if ties else query_rows,
    )


def slow_search(protocol, detections, queries, score_threshold=0.5, cameras="all"):
    """Average precision and pessimistic best rank of every query, one by one."""
    aps, ranks = [], []
    for query, embedding in enumerate(queries.astype(np.float64)):
        own = protocol.query_images[query]
        if protocol.gallery_offsets is None:
            gallery = [i for i in range(protocol.num_images) if i != own]
            same = protocol.image_cameras == protocol.image_cameras[own]
            keep = {"all": same | ~same, "cross": ~same, "same": same}[cameras]
            gallery = [i for i in gallery if keep[i]]
        else:
            gallery = protocol.gallery_of(query).tolist()
        labels, similarities, expected, found = [], [], 0, 0
        for place, image in enumerate(gallery):
            boxes, ids = protocol.ground_truth_of(image)
            where = np.flatnonzero(ids == protocol.query_person_ids[query])
            expected += len(where) > 0
            rows = np.arange(*detections.offsets[image : image + 2])
            rows = rows[detections.scores[rows] >= score_threshold]
            if len(rows) == 0 or image in gallery[:place]:
                continue
            e = detections.embeddings[rows].astype(np.float64)
            norms = np.linalg.norm(e, axis=1) * np.linalg.norm(embedding)
            similarity = np.round(e @ embedding / norms, 9)
            label = np.zeros(len(rows), dtype=int)
            if len(where):
                truth = boxes[where[0]]
                enough = [_overlaps(detections.boxes[row], truth) for row in rows]
                if any(enough):
                    best = np.argmax(np.where(enough, similarity, -np.inf))
                    label[best], found = 1, found + 1
            labels.extend(label)
            similarities.extend(similarity)
        if found == 0:
            aps.append(0.0)
            ranks.append(0)
            continue
        labels, similarities = np.array(labels), np.array(similarities)
        ap = average_precision_score(labels, similarities) * found / expected
        aps.append(ap)
        best = similarities[labels == 1].max()
        ranks.append(1 + int(np.sum((similarities >= best) & (labels == 0))))
    return np.array(aps), np.array(ranks)


def _overlaps(box, truth):
    width, height = truth[2] - truth[0], truth[3] - truth[1]
    w = min(box[2], truth[2]) - max(box[0], truth[0])
    h = min(box[3], truth[3]) - max(box[1], truth[1])
    inside = max(w, 0) * max(h, 0)
    union = width * height + (box[2] - box[0]) * (box[3] - box[1]) - inside
    needed = min(0.5, width * height / ((width + 10) * (height + 10)))
    return inside / union >= needed


class GoldenSet:
    """160 scenes, 30 queries: results of SeqNet's evaluator on synthetic arrays."""

    def __init__(self):
        self.arrays = dict(np.load(DATA / "person_search_inputs.npz"))
        self.metrics = json.loads((DATA / "person_search_metrics.json").read_text())
        self.per_query = dict(np.load(DATA / "person_search_per_query_ap.npz"))
        arrays = self.arrays
        self.detections = Detections(
            arrays["dets"][:, :4],
            arrays["dets"][:, 4],
            arrays["det_offsets"],
            arrays["feats"],
        )
        self.queries = arrays["query_feats"]

    def protocol(self, gallery=None):
        """The PRW protocol, or CUHK-SYSU's with 50 or 100 gallery images."""
        arrays = self.arrays
        names = arrays["img_names"].tolist()
        ids = np.where(arrays["gt_pids"] == 5555, -1, arrays["gt_pids"])
        images = np.array([names.index(name) for name in arrays["query_img"]])
        positives = positives_from_ground_truth(
            arrays["gt_boxes"], ids, arrays["gt_offsets"], images, arrays["query_pids"]
        )
        lists = arrays.get(f"protocol_G{gallery}")
        return SearchProtocol(
            name="golden",
            image_keys=names,
            image_cameras=arrays["cam_ids"],
            gt_boxes=arrays["gt_boxes"],
            gt_person_ids=ids,
            gt_offsets=arrays["gt_offsets"],
            query_images=images,
            query_boxes=arrays["query_boxes"],
            query_person_ids=arrays["query_pids"],
            gallery_offsets=None if gallery is None else np.arange(31) * gallery,
            gallery_images=None if gallery is None else lists.ravel(),
            positive_offsets=positives[0],
            positive_images=positives[1],
            positive_boxes=positives[2],
        )

    def truth(self, protocol):
        return Detections.from_ground_truth(protocol, self.arrays["gtbox_feats"])

    def context(self, num_detections, num_people):
        return QueryContext(
            self.arrays["query_scene_feats"],
            self.arrays["query_scene_offsets"],
            num_detections,
            num_people,
        )


class SPNetGolden:
    """10 images: results of SPNet's evaluator, a person twice in an image included."""

    def __init__(self):
        golden = json.loads((DATA / "spnet_evaluation.json").read_text())
        self.results = golden["results"]
        self.images = golden["images"]
        people = [
            list(zip(image["boxes"], image["person_ids"], strict=True))
            for image in self.images
        ]
        where = {
            annotation: (i, n)
            for i, image in enumerate(self.images)
            for n, annotation in enumerate(image["anno_ids"])
        }
        self.annotations = golden["query_ids"]
        queries = [where[annotation] for annotation in self.annotations]
        lists = [golden["gallery_dict"][str(a)] for a in self.annotations]
        self.listed = make_protocol(people, queries, lists, name="dict")
        self.whole = make_protocol(people, queries, name="list")
        self.truth_embeddings = self._embeddings("gt_emb")
        offsets = self.whole.gt_offsets
        self.queries = self.truth_embeddings[[offsets[i] + n for i, n in queries]]
        self.detections = Detections.from_images(
            [np.array(image["det_boxes"], np.float32) for image in self.images],
            [np.array(image["det_scores"], np.float32) for image in self.images],
            [np.array(image["det_emb"], np.float32) for image in self.images],
        )

    def _embeddings(self, key):
        return np.concatenate([np.array(i[key], np.float32) for i in self.images])
