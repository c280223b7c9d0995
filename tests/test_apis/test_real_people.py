"""Real people by a public detector and embedder, where their files are.

``MMPSEARCH_REAL_DATA`` names a folder with ``weights/`` (yolox_nano.onnx,
person-reidentification-retail-0287.xml and .bin) and ``videos/`` (Intel's IoT samples).
Debian's package opencv-doc has ``vtest.avi``.
"""

import os
import shutil
from pathlib import Path

import cv2
import pytest

from mmpsearch.apis import load_inferencer, read_query, search_person, update_gallery
from mmpsearch.apis.image_sources import SourceImage, iter_video, read_frame
from mmpsearch.datasets import COCOPersonSearch
from mmpsearch.evaluation.functional.detections import Detections
from mmpsearch.evaluation.functional.person_search import person_search_metrics
from mmpsearch.gallery import GalleryIndex

ROOT = os.environ.get("MMPSEARCH_REAL_DATA")
VTEST = Path("/usr/share/doc/opencv-doc/examples/data/vtest.avi")
PEOPLE = Path(__file__).parents[1] / "data" / "person_search" / "vtest_people.json"
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


@pytest.fixture
def yard(tmp_path):
    """Every 8th frame of vtest.avi from 500 on, with our boxes of eight people."""
    video = next(
        (v for v in (Path(ROOT) / "videos" / VTEST.name, VTEST) if v.is_file()), None
    )
    if video is None:
        pytest.skip("vtest.avi of Debian's package opencv-doc is not there")
    (tmp_path / "images").mkdir()
    for image in iter_video(video, 4):
        if image.frame >= 500 and image.frame % 8 == 4:
            cv2.imwrite(str(tmp_path / f"images/{image.frame:04d}.png"), image.pixels)
    shutil.copy(PEOPLE, tmp_path / "annotations.json")
    return COCOPersonSearch(str(tmp_path), "test").metainfo["protocol"], tmp_path


def test_people_of_a_yard(inferencer, yard):
    """docs/two_step_search.md, "What to expect"."""
    protocol, folder = yard
    pictures = [folder / "images" / Path(key).name for key in protocol.image_keys]
    assert (len(pictures), protocol.num_queries) == (37, 24)
    found = list(inferencer.detect(pictures))
    detections = Detections.from_images(
        *(
            [getattr(f, part) for f in found]
            for part in ("boxes", "scores", "embeddings")
        )
    )
    queries = [
        inferencer.embed(pictures[image], [box])[0]
        for image, box in zip(protocol.query_images, protocol.query_boxes, strict=True)
    ]
    results = person_search_metrics(protocol, detections, queries, score_threshold=0)
    assert results["mAP"] > 0.93 and results["top1"] == 1
