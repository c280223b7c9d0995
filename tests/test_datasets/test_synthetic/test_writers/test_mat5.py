import numpy as np
import pytest
from scipy.io import loadmat, savemat

from mmpsearch.datasets.synthetic.writers import mat5


def saved(tmp_path, encode):
    path = tmp_path / "x.mat"
    mat5.save_matrix(path, "x", encode)
    return loadmat(path)["x"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([[1, 2], [3, 255]], "u1"),
        ([[0, 256, 65535]], "u2"),
        ([[-2, 300]], "i2"),
        ([[70000.0]], "i4"),
        ([[0.5, 1e9]], "f8"),
        (np.zeros((1, 0)), "u1"),
        (np.zeros((0, 5)), "u1"),
    ],
)
def test_numbers_come_back_in_the_smallest_integer_type(tmp_path, values, kind):
    values = np.array(values, float)
    found = saved(tmp_path, lambda name: mat5.numeric(values, name))
    assert found.shape == values.shape and found.dtype == np.dtype(kind)
    assert np.array_equal(found, values)
    path = tmp_path / "x.mat"
    assert loadmat(path, mat_dtype=True)["x"].dtype == np.float64


def test_structs_and_cells_come_back_as_scipy_writes_them(tmp_path):
    fields = ("imname", "idlocate")
    rows = [("s1.jpg", [1, 2, 3, 4]), ("s20000.jpg", [500, 2, 3, 4])]
    encoded = [mat5.text(n) + mat5.numeric(np.array(b)) for n, b in rows]
    mat5.save_structs(tmp_path / "a.mat", "Img", fields, 2, lambda: encoded)
    other = np.empty((1, 2), [(field, object) for field in fields])
    for i, (name, box) in enumerate(rows):
        other[0, i] = name, np.array([box])
    savemat(tmp_path / "b.mat", {"Img": other})
    ours, theirs = (loadmat(tmp_path / f"{n}.mat")["Img"] for n in "ab")
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    for a, b in zip(ours[0], theirs[0], strict=True):
        assert a["imname"] == b["imname"] and (a["idlocate"] == b["idlocate"]).all()

    names = [mat5.text(name) for name in ("c1s1_000151", "a", "")]
    found = saved(tmp_path, lambda name: mat5.cell(names, (3, 1), name))
    assert found.shape == (3, 1)
    assert [str(row[0]) if row.size else "" for row in found[:, 0]] == [
        "c1s1_000151",
        "a",
        "",
    ]


def test_nested_structs(tmp_path):
    inner = mat5.record(("n",), [mat5.numeric(np.array(7.0))], 1)
    found = saved(tmp_path, lambda name: mat5.cell([inner], (1, 1), name))
    assert found[0, 0][0, 0]["n"] == 7


def test_equal_data_give_equal_bytes(tmp_path):
    for name in ("a.mat", "b.mat"):
        mat5.save_matrix(tmp_path / name, "x", lambda n: mat5.numeric(np.eye(3), n))
    assert (tmp_path / "a.mat").read_bytes() == (tmp_path / "b.mat").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mat", "b.mat"]
