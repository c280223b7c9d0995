"""Real people by a public detector and embedder, where their files are.

``MMPSEARCH_REAL_DATA`` names a folder with ``weights/`` (yolox_nano.onnx,
person-reidentification-retail-0287.xml and .bin) and ``videos/`` (Intel's IoT samples).
"""

import os
from pathlib import Path

import pytest

from mmpsearch.apis import load_inferencer, read_query, search_person, update_gallery
from mmpsearch.apis.image_sources import SourceImage, read_frame
from mmpsearch.gallery import GalleryIndex

ROOT = os.environ.get("MMPSEARCH_REAL_DATA")
pytestmark = pytest.mark.skipif(not ROOT, reason="MMPSEARCH_REAL_DATA is not set")


@pytest.fixture(scope="module")
def inferencer():
    pytest.importorskip("onnxruntime", reason="the extra 'onnx'")
    pytest.importorskip("openvino", reason="the extra 'openvino'")
    weights = Path(ROOT) / "weights"
    return load_inferencer(
        detector=weights / "yolox_nano.onnx",
        embedder=weights / "person-reidentification-retail-0287.xml",
        device="cpu",
    )


def answer(inferencer, name, frame, box, step):
    """The twelve best matches for a person of one frame, in the same video."""
    video = Path(ROOT) / "videos" / name
    index = GalleryIndex()
    update_gallery(inferencer, index, video, frame_step=step)
    query = read_query(inferencer, SourceImage(read_frame(video, frame)), box)
    return search_person(index, query, top_k=12).matches


def test_the_woman_who_walks_alone(inferencer):
    """She is there from second 51 to 69, then and only then."""
    name = "one-by-one-person-detection.mp4"
    matches = answer(inferencer, name, 520, (392, 5, 557, 407), 10)
    assert len(matches) == 12
    assert all(51 <= match.time <= 69 for match in matches)
    assert matches[0].frame == 520 and matches[-1].similarity > 0.8


def test_the_woman_who_leaves_a_hall(inferencer):
    """An animated GIF: she leaves at the left within a second."""
    matches = answer(inferencer, "people-detection.gif", 0, (13, 53, 67, 153), 1)
    assert len(matches) >= 5 and matches[0].frame == 0
    assert all(match.box[2] < 70 for match in matches)
