"""File names and lists of the rendered crops, by the grammars of public loaders."""

import re

import numpy as np
import pytest
from scipy.io import loadmat

from mmpsearch.datasets.synthetic import draft_crops, make_crop_options
from mmpsearch.datasets.synthetic.writers import mat5
from mmpsearch.datasets.synthetic.writers.reid import CROP_WRITERS
from mmpsearch.datasets.synthetic.writers.reid.cuhk03 import _test_sets

GRAMMARS = {
    "market1501": r"(bounding_box_\w+|query)/(-1|\d{4})_c[1-6]s[1-6]_\d{6}_\d\d\.jpg",
    "dukemtmc": r"(bounding_box_\w+|query)/\d{4}_c[1-8]_f\d{7}\.jpg",
    "occluded_duke": r"(bounding_box_\w+|query)/\d{4}_c[1-8]_f\d{7}\.jpg",
    "personx": r"(bounding_box_\w+|query)/\d{4}_c(3|4|8|10|11|12)_\d\d\.jpg",
    "msmt17": r"(train|test)/(\d{4})/\2_\d{3}_\d\d_\d{4}(morning|noon|afternoon)"
    r"_\d{4}_[012]\.jpg",
    "cuhk03": r"images_(labeled|detected)/[1-5]_\d{3}_[12]_\d\d\.png",
    "sysu_mm01": r"cam[1-6]/\d{4}/\d{4}\.jpg",
    "regdb": r"(Visible/\d+/(fe)?male_front_v|Thermal/\d+/(fe)?male_front_t)"
    r"_\d{5}_\d+\.bmp",
    "luperson": r"images/\d\d_\d\d_\d{4}_\d{8}\.jpg",
}


@pytest.mark.parametrize("layout", GRAMMARS)
def test_names_are_official_and_unique(layout):
    options = make_crop_options(layout)
    plan = CROP_WRITERS[layout][0](options, draft_crops(options))
    paths = [spec.path for spec in plan]
    assert len(set(paths)) == len(paths)
    wrong = [path for path in paths if not re.fullmatch(GRAMMARS[layout], path)]
    assert not wrong
    for spec in plan:
        camera = re.search(r"/-?\d+_c(\d+)", spec.path)
        if camera and layout != "personx":
            assert int(camera[1]) == spec.camera + 1
    if layout == "cuhk03":
        views = {int(path.split("_")[3]) == 1 for path in paths if "_01.png" in path}
        assert views == {True}


def test_msmt17_lists(tmp_path):
    options = make_crop_options("msmt17", identities=3, test_identities=2)
    name, write = CROP_WRITERS["msmt17"]
    plan = name(options, draft_crops(options))
    counts = write(tmp_path, options, plan)
    assert counts["list_train"] + counts["list_val"] == 24
    lines = (tmp_path / "list_query.txt").read_text().splitlines()
    assert len(lines) == counts["list_query"] == 4
    for line in lines:
        path, person = line.split()
        assert int(path.split("/")[0]) == int(person)


def test_classic_test_sets_of_cuhk03():
    sets = _test_sets(make_crop_options("cuhk03"), [843, 440, 77, 58, 49])
    assert len(sets) == 20 and all(len(chosen) == 100 for chosen in sets)
    for chosen in sets:
        assert len({tuple(row) for row in chosen.tolist()}) == 100
    assert not np.array_equal(sets[0], sets[1])


def test_several_variables_in_one_matlab_file(tmp_path):
    names = mat5.cell([mat5.text("a.png"), mat5.text("bc.png")], (2, 1), "filelist")
    numbers = mat5.numeric(np.array([[1.0], [300.0]]), "labels")
    for path in (tmp_path / "a.mat", tmp_path / "b.mat"):
        mat5.save_variables(path, [numbers, names])
    found = loadmat(tmp_path / "a.mat")
    assert found["labels"].tolist() == [[1], [300]]
    assert [cell[0][0] for cell in found["filelist"]] == ["a.png", "bc.png"]
    assert (tmp_path / "a.mat").read_bytes() == (tmp_path / "b.mat").read_bytes()
