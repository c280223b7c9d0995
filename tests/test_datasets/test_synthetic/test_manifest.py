import json

import pytest

from mmpsearch.datasets.synthetic.manifest import (
    DRAWING_VERSION,
    MANIFEST,
    claim_folder,
)
from mmpsearch.errors import ManifestError


def test_a_new_folder_is_claimed_and_accepted_again(tmp_path):
    root = tmp_path / "a" / "b"
    for _ in range(2):
        claim_folder(root, {"seed": 0, "scenes": 5})
    found = json.loads((root / MANIFEST).read_text())
    assert found == {"drawing_version": DRAWING_VERSION, "seed": 0, "scenes": 5}


def test_other_options_are_refused_by_name(tmp_path):
    claim_folder(tmp_path, {"seed": 0, "scenes": 5})
    with pytest.raises(ManifestError, match=r"scenes: 5 there, 6 wanted.*--out"):
        claim_folder(tmp_path, {"seed": 0, "scenes": 6})


def test_an_older_drawing_is_refused(tmp_path):
    claim_folder(tmp_path, {"seed": 0})
    path = tmp_path / MANIFEST
    path.write_text(path.read_text().replace(f": {DRAWING_VERSION}", ": 0"))
    with pytest.raises(ManifestError, match="drawing_version: 0 there"):
        claim_folder(tmp_path, {"seed": 0})


def test_foreign_folders_and_broken_manifests_are_refused(tmp_path):
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(ManifestError, match="not empty"):
        claim_folder(tmp_path, {"seed": 0})
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(ManifestError, match="cannot be read"):
        claim_folder(tmp_path, {"seed": 0})
