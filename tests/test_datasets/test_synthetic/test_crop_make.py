import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmpsearch.datasets.synthetic import (
    draft_crops,
    draw_crop,
    make_crop_options,
    make_synthetic_crops,
)
from mmpsearch.errors import ManifestError

PEOPLE = dict(identities=3, test_identities=2, width=16, height=32)


def hashes(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha1(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_bytes_do_not_depend_on_workers_or_interruption(tmp_path):
    options = make_crop_options("market1501", False, 4, **PEOPLE, junk=2, distractors=1)
    seen = []
    make_synthetic_crops(
        options, tmp_path / "a", progress=lambda done, total: seen.append((done, total))
    )
    make_synthetic_crops(options, tmp_path / "b", workers=2)
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")
    assert seen[0] == (0, 23) and seen[-1] == (23, 23)
    for path in list((tmp_path / "b" / "query").iterdir())[:2]:
        path.unlink()
    counts = make_synthetic_crops(options, tmp_path / "b")
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")
    assert counts == {"bounding_box_train": 12, "query": 4, "bounding_box_test": 7}
    other = make_crop_options("market1501", False, 4, **PEOPLE, seed=1)
    with pytest.raises(ManifestError, match="other options"):
        make_synthetic_crops(other, tmp_path / "b")


def test_matlab_files_are_the_same_every_time(tmp_path):
    options = make_crop_options("cuhk03", False, 4, **PEOPLE)
    for name in ("a", "b"):
        make_synthetic_crops(options, tmp_path / name)
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")


def test_kinds_of_pictures():
    options = make_crop_options("market1501", junk=3)
    specs = draft_crops(options)
    person = next(s for s in specs if s.kind == "person")
    for kind in ("person", "background", "part"):
        spec = next(s for s in specs if s.kind == kind)
        image = draw_crop(options, spec)
        assert image.shape == (96, 48, 3) and image.dtype == np.uint8
        assert image.std() > 3
    first, again, other = (draw_crop(options, person, v) for v in (0, 0, 1))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_repeated_pictures_are_equal(tmp_path):
    options = make_crop_options("occluded_duke", False, 5, **PEOPLE, distractors=0)
    make_synthetic_crops(options, tmp_path / "a")
    queries = list((tmp_path / "a" / "query").iterdir())
    twins = [tmp_path / "a" / "bounding_box_test" / path.name for path in queries]
    pairs = [(q, t) for q, t in zip(queries, twins, strict=True) if t.exists()]
    assert pairs
    for query, twin in pairs:
        assert np.array_equal(cv2.imread(str(query)), cv2.imread(str(twin)))
