import io

import numpy as np
from PIL import Image

from mmpsearch.datasets.io.image_files import image_headers, is_cut_off, missing_files


def encoded(kind, **options):
    noise = np.random.default_rng(0).integers(0, 255, (40, 50, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, kind, **options)
    return buffer.getvalue()


def test_sizes_of_good_missing_and_bad_files(tmp_path):
    (tmp_path / "a.jpg").write_bytes(encoded("JPEG"))
    (tmp_path / "b.jpg").write_bytes(b"no image")
    paths = [str(tmp_path / name) for name in ("a.jpg", "b.jpg", "c.jpg")]
    assert image_headers(paths).tolist() == [[40, 50, 1], [0, 0, 1], [-1, -1, 1]]
    assert image_headers([]).shape == (0, 3)
    assert missing_files(paths) == [paths[2]]


def test_cut_off_files_are_seen_at_every_length():
    for data in (encoded("JPEG"), encoded("JPEG", progressive=True), encoded("PNG")):
        assert not is_cut_off(data)
        assert not is_cut_off(data + b"trailing")
        for share in (0.3, 0.6, 0.95):
            assert is_cut_off(data[: int(share * len(data))])
    assert is_cut_off(b"")


def test_end_marker_of_a_thumbnail_does_not_count():
    photo, thumbnail = encoded("JPEG"), encoded("JPEG", quality=5)
    length = (len(thumbnail) + 2).to_bytes(2, "big")
    with_thumbnail = photo[:2] + b"\xff\xe1" + length + thumbnail + photo[2:]
    assert not is_cut_off(with_thumbnail)
    assert is_cut_off(with_thumbnail[:-300])
