import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat

from mmpsearch.datasets.person_search.cuhk_protocol import read_cuhk_protocol
from mmpsearch.errors import MatFileError

from ..matlab_bytes import (
    char,
    element,
    matlab_struct,
    matrix,
    write_compressed_struct,
)

GOLDEN = Path(__file__).parents[2] / "data" / "person_search" / "ps_TestG100.mat"
KEYS = [f"s{i:04d}.jpg" for i in range(160)]


def slow_reference(path, variable, keys):
    """The same through SciPy's objects, entry by entry."""
    position = {key: i for i, key in enumerate(keys)}

    def xyxy(box):
        x, y, w, h = np.ravel(box).astype(float)
        return [x, y, x + w, y + h]

    queries, galleries, positives = [], [], []
    for entry in loadmat(path)[variable].ravel():
        query = entry["Query"][0, 0]
        queries.append((position[query["imname"][0]], xyxy(query["idlocate"])))
        gallery = entry["Gallery"].ravel()
        galleries.append([position[item["imname"][0]] for item in gallery])
        positives.append(
            [
                (position[item["imname"][0]], xyxy(item["idlocate"]))
                for item in gallery
                if item["idlocate"].size
            ]
        )
    return queries, galleries, positives


def test_equals_the_slow_reading():
    arrays = read_cuhk_protocol(GOLDEN, "TestG100", KEYS)
    queries, galleries, positives = slow_reference(GOLDEN, "TestG100", KEYS)
    assert arrays["query_images"].tolist() == [image for image, _ in queries]
    assert arrays["query_boxes"].tolist() == [box for _, box in queries]
    assert np.diff(arrays["gallery_offsets"]).tolist() == [100] * 30
    assert arrays["gallery_images"].tolist() == sum(galleries, [])
    assert np.diff(arrays["positive_offsets"]).tolist() == list(map(len, positives))
    flat = sum(positives, [])
    assert arrays["positive_images"].tolist() == [image for image, _ in flat]
    assert arrays["positive_boxes"].tolist() == [box for _, box in flat]


def test_unknown_image_is_named():
    with pytest.raises(
        MatFileError, match=r"pool.mat does not list, first 's0\d+.jpg'"
    ):
        read_cuhk_protocol(GOLDEN, "TestG100", KEYS[:100])


def test_memory_grows_with_the_integers_not_the_objects(tmp_path):
    # 40 queries of the published gallery size; SciPy's objects would need 180 MiB.
    queries, gallery = 40, 4000
    keys = [f"s{i}.jpg" for i in range(gallery + 1)]
    names = [char(key, kind=4) for key in keys]
    box = matrix(6, (1, 4), element(4, np.array([5, 6, 300, 8], "<u2").tobytes()))
    nothing, flag = matrix(6, (0, 0), element(9, b"")), matrix(6, (1, 1), b"\0" * 8)
    entries = [
        cell
        for i in range(gallery)
        for cell in (names[i], box if i < 2 else nothing, flag)
    ]
    fields = ("imname", "idlocate", "ishard")
    query = matlab_struct([names[gallery], box, char("p1", kind=4)], fields)
    contents = element(14, query) + element(14, matlab_struct(entries, fields))
    path = tmp_path / "TestG4000.mat"
    write_compressed_struct(
        path, "TestG4000", ("Query", "Gallery"), [contents] * queries
    )

    tracemalloc.start()
    arrays = read_cuhk_protocol(path, "TestG4000", keys)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert arrays["gallery_images"].tolist() == list(range(gallery)) * queries
    assert arrays["positive_boxes"].tolist() == [[5, 6, 305, 14]] * (2 * queries)
    assert peak < 12 * 2**20
