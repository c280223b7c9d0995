"""The inferencer around a real model: SPNet with random weights."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from torchvision.ops import box_iou

from mmpsearch.apis import GalleryIndex, PersonSearchInferencer

MODEL = Path(__file__).parents[2] / "configs/_base_/models/spnet-tiny_r18.py"


@pytest.fixture(scope="module")
def config():
    config = Config.fromfile(MODEL)
    config.test_dataloader = dict(
        dataset=dict(
            pipeline=[
                dict(type="mmpsearch.LoadImage"),
                dict(type="mmpsearch.WindowResize", short=160, long=260),
                dict(type="mmpsearch.PackPersonSearchInputs"),
            ]
        )
    )
    return config


@pytest.fixture(scope="module")
def checkpoint(config, tmp_path_factory):
    """Random weights as training writes them, with a table of identities."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("spnet") / "epoch_1.pth"
    with pytest.warns(UserWarning):
        model = PersonSearchInferencer(config, score_threshold=0.0).model
    weights = {**model.state_dict(), "reid_loss.lookup_table": torch.ones(4, 96)}
    torch.save({"state_dict": weights, "meta": {}}, path)
    return path


def pictures(*sizes):
    rng = np.random.default_rng(0)
    return [rng.integers(0, 255, (h, w, 3), np.uint8) for w, h in sizes]


def test_a_detection_embedded_again_by_its_box_is_itself(config, checkpoint):
    """Boxes travel to original pixels and back; embeddings belong to their boxes."""
    inferencer = PersonSearchInferencer(config, checkpoint, score_threshold=0.01)
    for picture in pictures((320, 200), (90, 240)):
        (found,) = inferencer.detect(picture)
        assert len(found) > 3
        height, width = picture.shape[:2]
        assert (found.boxes >= 0).all()
        assert (found.boxes <= np.array([width, height] * 2) + 0.01).all()
        big = (found.boxes[:, 2:] - found.boxes[:, :2] > 2).all(axis=1)
        again = inferencer.embed(picture, found.boxes[big])
        np.testing.assert_allclose(again, found.embeddings[big], atol=1e-3)
        np.testing.assert_allclose(np.linalg.norm(again, axis=1), 1, atol=1e-5)


def test_the_query_embedding_by_hand(config, checkpoint):
    inferencer = PersonSearchInferencer(config, checkpoint)
    (picture,) = pictures((96, 64))  # resized by 2.5 to 240 x 160
    box = np.array([10, 8, 50, 60], np.float32)
    resized = cv2.resize(picture, (240, 160), interpolation=cv2.INTER_LINEAR)
    mean, std = np.array([123.675, 116.28, 103.53]), np.array([58.395, 57.12, 57.375])
    values = np.zeros((160, 256, 3), np.float32)  # padded to a multiple of 32
    values[:, :240] = (resized[:, :, ::-1] - mean) / std
    inputs = torch.from_numpy(values).permute(2, 0, 1)[None]
    model = inferencer.model
    with torch.no_grad():
        expected = model.box_embedder(
            model.extract(inputs),
            torch.from_numpy(box * 2.5)[None],
            torch.zeros(1).long(),
        )
    expected = torch.nn.functional.normalize(expected).numpy()
    np.testing.assert_allclose(inferencer.embed(picture, box), expected, atol=1e-4)


def test_batches_give_what_single_pictures_give(config, checkpoint):
    """Of equal sizes; smaller ones see their neighbours' padding."""
    images = pictures((200, 150), (200, 150), (200, 150))
    one = PersonSearchInferencer(config, checkpoint, score_threshold=0.2)
    two = PersonSearchInferencer(config, checkpoint, batch_size=2, score_threshold=0.2)
    for single, batched in zip(one.detect(images), two.detect(images), strict=True):
        assert abs(len(single) - len(batched)) <= 1
        overlap = box_iou(torch.tensor(single.boxes), torch.tensor(batched.boxes))
        assert (overlap.max(dim=1).values > 0.99).float().mean() > 0.9


def test_the_score_threshold_reaches_the_model(config, checkpoint):
    (picture,) = pictures((200, 150))
    every = PersonSearchInferencer(config, checkpoint, score_threshold=0.01)
    scores = np.sort(every.detect(picture)[0].scores)
    threshold = float(scores[len(scores) // 2])
    some = PersonSearchInferencer(config, checkpoint, score_threshold=threshold)
    assert some.model.search.score_threshold == threshold
    assert some.model.search.max_boxes == config.model.search.max_boxes
    (found,) = some.detect(picture)
    assert 0 < len(found) < len(scores) and (found.scores >= threshold).all()


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 2)])
def test_extreme_sizes_run(config, checkpoint, size):
    inferencer = PersonSearchInferencer(config, checkpoint, score_threshold=0.01)
    (found,) = inferencer.detect(pictures(size))
    assert np.isfinite(found.embeddings).all()
    assert inferencer.embed_crop(pictures(size)[0]).shape == (1, 96)


def test_a_gallery_finds_the_query_again(config, checkpoint):
    inferencer = PersonSearchInferencer(config, checkpoint, score_threshold=0.01)
    images = pictures((200, 150), (160, 200))
    index = GalleryIndex()
    index.add(inferencer.detect(images))
    (found,) = inferencer.detect(images[1])
    query = inferencer.embed(images[1], found.boxes[0])
    (result,) = index.search(query, top_k=1, fingerprint=inferencer.fingerprint)
    np.testing.assert_allclose(result.matches[0].box, found.boxes[0], atol=0.1)
    assert result.matches[0].similarity > 0.999
