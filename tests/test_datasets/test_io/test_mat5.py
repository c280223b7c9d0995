import numpy as np
import pytest
from scipy.io import savemat

from mmpsearch.datasets.io.mat5 import (
    StructArray,
    open_struct,
    read_numeric,
    read_text,
)
from mmpsearch.errors import MatFileError

from ..layouts import struct_array
from ..matlab_bytes import char, element, matlab_struct, matrix

ROWS = [
    {"name": "a.jpg", "box": np.array([[1.0, 2, 300, 4]])},
    {"name": "image_with_a_longer_name.jpg", "box": np.zeros((0, 0))},
    {"name": "abc", "box": np.array([[0.5, -2, 3, 4]])},
    {"name": "", "box": np.zeros((1, 0))},
]


def save(path, compress, rows=ROWS):
    outer = struct_array([{"Gallery": struct_array(rows), "Extra": 1.0}] * 2)
    other = np.arange(5.0)
    savemat(path, {"other": other, "Test": outer}, do_compression=compress)


@pytest.mark.parametrize("compress", [False, True])
def test_struct_array_of_structs(tmp_path, compress):
    save(tmp_path / "a.mat", compress)
    with open_struct(tmp_path / "a.mat", "Test") as (count, fields, cells):
        assert count == 2 and fields == ["Gallery", "Extra"]
        contents = list(cells)
    assert len(contents) == 4
    for content in contents[::2]:
        gallery = StructArray.parse(content)
        assert gallery.fields == ["name", "box"]
        names = [name.decode() for name in gallery.texts("name")]
        assert names == [row["name"] for row in ROWS]
        assert gallery.sizes("box").tolist() == [4, 0, 4, 0]
        for row, position in zip(ROWS, gallery.column("box"), strict=True):
            values = read_numeric(gallery.buffer, position)
            assert values.tolist() == row["box"].ravel().tolist()


def test_regular_and_general_reading_of_texts_agree():
    names = ["s1.jpg", "s12345.jpg", "xy", "four", "fives"]
    content = matlab_struct([char(name, kind) for name in names for kind in (16, 4)])
    entries = StructArray.parse(content)
    expected = [name for name in names for _ in range(2)]
    assert [text.decode() for text in entries.texts("f")] == expected
    positions = entries.column("f").tolist()
    assert [read_text(entries.buffer, p) for p in positions] == expected


def test_elements_of_zero_bytes_are_empty():
    content = matlab_struct([matrix(6, (1, 1), element(2, b"\7")), element(14, b"")])
    assert StructArray.parse(content).sizes("f").tolist() == [1, 0]


def test_a_chance_match_inside_the_data_does_not_mislead():
    false_start = element(14, b"")[:8] + element(6, bytes(8))[:8] + bytes(16)
    cells = [matrix(9, (1, 32), element(2, false_start)), char("abc", 4)]
    entries = StructArray.parse(matlab_struct(cells))
    assert len(entries.cells) == 2
    assert read_text(entries.buffer, entries.cells[1, 0]) == "abc"


@pytest.mark.parametrize("keep", [60, 200, 0.5, 0.98])
def test_cut_off_file_is_named(tmp_path, keep):
    path = tmp_path / "a.mat"
    save(path, compress=True, rows=ROWS * 50)
    data = path.read_bytes()
    path.write_bytes(data[: keep if keep > 1 else int(keep * len(data))])
    with pytest.raises(MatFileError, match="a.mat"):
        with open_struct(path, "Test") as (_, _, cells):
            for content in list(cells)[::2]:
                StructArray.parse(content).texts("name")


def test_wrong_variable_version_and_kind_are_named(tmp_path):
    path = tmp_path / "a.mat"
    save(path, compress=False)
    for name, message in (("Tset", "no variable 'Tset', it has"), ("other", "struct")):
        with pytest.raises(MatFileError, match=message), open_struct(path, name):
            pass
    path.write_bytes(b"MATLAB 7.3 MAT-file".ljust(200))
    with pytest.raises(MatFileError, match="-v7"), open_struct(path, "Test"):
        pass
    path.write_bytes(b"PK" * 100)
    with pytest.raises(MatFileError, match="version 5"), open_struct(path, "Test"):
        pass
