import dataclasses

import numpy as np
import pytest

from mmpsearch.evaluation.metrics.search_outputs import SearchOutputs
from tests.test_evaluation.search_cases import box_at, make_protocol

PEOPLE = [[(box_at(0), 1), (box_at(1), 2)], [], [(box_at(0), 1)]]
PROTOCOL = make_protocol(PEOPLE, [(0, 1), (2, 0)])


def output(image, detections=1, queries=(), truth=None, value=None):
    """Output for an image, filled with its number or with ``value``."""
    value = image if value is None else value
    return SearchOutputs.of_image(
        image=image,
        boxes=np.full((detections, 4), value, np.float32),
        scores=np.full(detections, 0.5, np.float32),
        embeddings=np.full((detections, 3), value, np.float32),
        query_ids=np.array(queries, np.int64),
        query_embeddings=np.full((len(queries), 3), 10 + value, np.float32),
        gt_embeddings=None if truth is None else np.ones((truth, 3), np.float32),
    )


def outputs():
    return [output(2, 2, [1]), output(0, 1, [0]), output(1, 0)]


def test_in_order_sorts_and_drops_repetitions():
    repeated = [*outputs(), output(2, 1, [1], value=99), output(0, 3, [0], value=99)]
    ordered = SearchOutputs.from_images(repeated).in_order()
    assert ordered.images.tolist() == [0, 1, 2]
    assert ordered.counts.tolist() == [1, 0, 2]
    assert ordered.boxes[:, 0].tolist() == [0, 2, 2]
    assert ordered.query_ids.tolist() == [0, 1]
    assert ordered.queries(PROTOCOL)[:, 0].tolist() == [10, 12]


def test_detections_per_image():
    detections = SearchOutputs.from_images(outputs()).in_order().detections(PROTOCOL)
    assert detections.offsets.tolist() == [0, 1, 1, 3]
    assert detections.embeddings[:, 0].tolist() == [0, 2, 2]


def test_missing_image_is_named():
    with pytest.raises(ValueError, match="no result for 1 of 3 images.*'1.jpg'"):
        SearchOutputs.from_images(outputs()[:2]).in_order().detections(PROTOCOL)


def test_missing_query_is_named():
    without = [output(2, 2, [1]), output(0), output(1)]
    with pytest.raises(ValueError, match="1 of 2 queries.*query 0 in '0.jpg'"):
        SearchOutputs.from_images(without).in_order().queries(PROTOCOL)


def test_query_of_another_protocol_is_named():
    other = [*outputs()[1:], output(2, 1, [1, 5])]
    with pytest.raises(ValueError, match="carries query 5"):
        SearchOutputs.from_images(other).in_order().queries(PROTOCOL)


def test_ground_truth():
    assert SearchOutputs.from_images(outputs()).ground_truth(PROTOCOL) is None
    embedded = [output(0, truth=2), output(1), output(2, truth=1)]
    truth = SearchOutputs.from_images(embedded).ground_truth(PROTOCOL)
    assert truth.boxes.tolist() == PROTOCOL.gt_boxes.tolist()
    assert truth.embeddings.shape == (3, 3)


def test_dropped_ground_truth_is_named():
    dropped = [output(0, truth=1), output(1, truth=0), output(2, truth=1)]
    with pytest.raises(ValueError, match="1 .*'0.jpg'.*2 boxes"):
        SearchOutputs.from_images(dropped).ground_truth(PROTOCOL)
    some = [output(0, truth=2), output(1, truth=0), output(2)]
    with pytest.raises(ValueError, match="0 .*'2.jpg'.*1 boxes"):
        SearchOutputs.from_images(some).ground_truth(PROTOCOL)


def test_save_and_load(tmp_path):
    before = SearchOutputs.from_images(outputs())
    path = tmp_path / "new" / "outputs.npz"
    before.save(path)
    after = SearchOutputs.load(path)
    for field in dataclasses.fields(before):
        saved, loaded = getattr(before, field.name), getattr(after, field.name)
        assert saved.dtype == loaded.dtype
        assert np.array_equal(saved, loaded)
    assert [p.name for p in path.parent.iterdir()] == ["outputs.npz"]


def test_only_its_own_files_are_read(tmp_path):
    with pytest.raises(ValueError, match="saved as .npz.*'x.pkl'"):
        SearchOutputs.from_images(outputs()).save("x.pkl")
    np.savez(tmp_path / "other.npz", images=np.zeros(1))
    with pytest.raises(ValueError, match="other.npz.*scores"):
        SearchOutputs.load(tmp_path / "other.npz")
    (tmp_path / "notes.npz").write_text("text")
    with pytest.raises(ValueError, match="notes.npz: not a file of SearchOutputs, no"):
        SearchOutputs.load(tmp_path / "notes.npz")
    with pytest.raises(FileNotFoundError):
        SearchOutputs.load(tmp_path / "gone.npz")


def test_no_image():
    nothing = SearchOutputs.from_images([]).gather().in_order()
    assert len(nothing.images) == 0
    with pytest.raises(ValueError, match="3 of 3 images"):
        nothing.detections(PROTOCOL)


def test_images_without_people_or_queries_take_the_others_width():
    outputs = [output(1, 0), output(0, 0, [0]), output(2, 0)]
    joined = SearchOutputs.from_images(outputs)
    assert joined.embeddings.shape == (0, 3) and joined.query_embeddings.shape == (1, 3)
    again = SearchOutputs.from_images([joined, SearchOutputs.nothing(), *outputs])
    assert again.images.tolist() == [1, 0, 2, 1, 0, 2]
