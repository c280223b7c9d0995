"""A detector that is a file of boxes, and an embedder that is the mean colour."""

import json

import numpy as np
import pytest
from PIL import Image

from mmpsearch.apis import (
    GalleryIndex,
    TwoStepInferencer,
    read_query,
    search_person,
    update_gallery,
)
from mmpsearch.apis.detectors import GivenBoxes
from mmpsearch.apis.embedders import Embedder

from .colour_model import BLUE, GREEN, RED, scene

A, B, C = (20, 30, 60, 110), (100, 10, 140, 90), (70, 0, 90, 40)


class MeanColour(Embedder):
    name, digest = "mean colour", "0" * 64

    def __init__(self):
        self.calls = []

    def __call__(self, crops):
        self.calls.append(len(crops))
        return np.stack([crop.mean((0, 1)) for crop in crops]).astype(np.float32)


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.fromarray(scene((BLUE, A), (RED, B))).save(folder / "a.png")
    Image.fromarray(scene((GREEN, A))).save(folder / "b.png")
    Image.fromarray(scene()).save(folder / "c.png")
    boxes = {"a.png": [[*A, 0.9], [*B, 0.6]], "b.png": [[*A, 0.8]], "c.png": []}
    (tmp_path / "boxes.json").write_text(json.dumps(boxes))
    return folder


def load(photos, **settings):
    detector = GivenBoxes(photos.parent / "boxes.json")
    return TwoStepInferencer(detector, MeanColour(), **settings)


@pytest.mark.parametrize("batch_size", [1, 2, 5])
def test_people_are_found_and_embedded_picture_by_picture(photos, batch_size):
    inferencer = load(photos, batch_size=batch_size)
    a, b, c = inferencer.detect(photos)
    assert a.boxes.tolist() == [list(A), list(B)] and b.boxes.tolist() == [list(A)]
    colours = np.array([BLUE[::-1], RED[::-1], GREEN[::-1]], np.float32) / 250
    np.testing.assert_allclose(a.embeddings, colours[:2], atol=1e-6)
    np.testing.assert_allclose(b.embeddings, colours[2:], atol=1e-6)
    assert len(c) == 0 and c.embeddings.shape == (0, 3)
    assert (a.height, a.width, a.path) == (120, 160, str(photos / "a.png"))
    assert a.fingerprint is inferencer.fingerprint
    whole = {1: [2, 1], 2: [3], 5: [3]}[batch_size]
    assert inferencer.embedder.calls[1:] == whole  # all crops of a batch at once


def test_boxes_are_embedded_as_detections_are(photos):
    inferencer = load(photos)
    (a, *_) = inferencer.detect(photos)
    given = inferencer.embed(photos / "a.png", [A, B])
    np.testing.assert_allclose(given, a.embeddings)
    crop = scene((RED, B))[10:90, 100:140, ::-1].copy()
    np.testing.assert_allclose(inferencer.embed_crop(crop)[0], given[1])


def test_context_widens_the_crops_on_every_side(photos):
    inferencer = load(photos)
    inferencer.embedder.context = 0.25
    (row,) = inferencer.embed(photos / "b.png", A)  # a quarter more, cut: 60 x 110
    green, grey = 40 * 80 / (60 * 110), 1 - 40 * 80 / (60 * 110)
    wanted = np.array([120 * grey, 250 * green + 120 * grey, 120 * grey])
    np.testing.assert_allclose(row, wanted / np.linalg.norm(wanted), atol=1e-5)


def test_the_score_threshold_is_the_detector_s_unless_given(photos):
    assert load(photos).score_threshold == 0.0
    (a, *_) = load(photos, score_threshold=0.7).detect(photos)
    assert a.boxes.tolist() == [list(A)]


def test_a_gallery_is_searched(photos):
    inferencer = load(photos)
    index = GalleryIndex()
    report = update_gallery(inferencer, index, photos)
    assert (report.people, report.images) == (3, 3)
    query = read_query(inferencer, scene((RED, C))[:, :, ::-1].copy(), C)
    result = search_person(index, query)
    assert result.matches[0].box.tolist() == list(B)
    assert result.matches[0].similarity == pytest.approx(1)


def test_galleries_depend_on_the_embedder_only(photos, tmp_path):
    first = load(photos)
    (tmp_path / "other.json").write_text('{"b.png": [[1, 2, 30, 40]]}')
    other = TwoStepInferencer(GivenBoxes(tmp_path / "other.json"), MeanColour())
    assert first.fingerprint.sha256 == other.fingerprint.sha256
    assert first.fingerprint.detector != other.fingerprint.detector
    assert "people found by boxes.json" in str(first.fingerprint)
    index = GalleryIndex()
    update_gallery(first, index, photos / "a.png")
    index.check_model(other.fingerprint)
