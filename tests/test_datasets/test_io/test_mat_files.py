import numpy as np
import pytest
from scipy.io import savemat

from mmpsearch.datasets.io.mat_files import load_mat, structs, text, texts
from mmpsearch.errors import MatFileError

from ..layouts import cells, struct_array


def test_first_variable_that_is_there(tmp_path):
    path = tmp_path / "a.mat"
    savemat(path, {"second": np.ones((1, 2)), "third": np.zeros((1, 1))})
    assert load_mat(path, "first", "second", "third").shape == (1, 2)
    with pytest.raises(MatFileError, match=r"a.mat has none of \['x'\], it has"):
        load_mat(path, "x")


def test_structs_and_texts_in_cells(tmp_path):
    path = tmp_path / "a.mat"
    one = struct_array([{"name": "s1.jpg"}, {"name": "s2.jpg"}])
    savemat(path, {"one": one, "nested": cells([one, one]), "names": cells(["x", ""])})
    assert [text(s["name"]) for s in structs(load_mat(path, "one"))] == [
        "s1.jpg",
        "s2.jpg",
    ]
    assert len(structs(load_mat(path, "nested"))) == 4
    assert texts(load_mat(path, "names")) == ["x", ""]


@pytest.mark.parametrize(
    "content", [b"", b"damaged", b"MATLAB 7.3 MAT-file".ljust(200)]
)
def test_damaged_file_is_named(tmp_path, content):
    path = tmp_path / "a.mat"
    path.write_bytes(content)
    with pytest.raises(MatFileError, match="a.mat"):
        load_mat(path, "x")


def test_cut_off_file_is_named(tmp_path):
    path = tmp_path / "a.mat"
    savemat(path, {"x": np.arange(1000.0)}, do_compression=True)
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(MatFileError, match="a.mat"):
        load_mat(path, "x")


@pytest.mark.parametrize(
    "array", [np.array([[1.0]]), np.array(["abc"]), np.ones((1, 4)), cells(["ab"])]
)
def test_what_is_no_struct_is_refused(array):
    with pytest.raises(ValueError, match="expected a struct array, found one of"):
        structs(array)


def test_a_cell_that_holds_nothing_is_no_struct():
    with pytest.raises(ValueError, match="found None"):
        structs(np.array([[None]], object))
