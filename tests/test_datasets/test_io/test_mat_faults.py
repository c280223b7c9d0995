import numpy as np
import pytest
import scipy.sparse
from scipy.io import savemat

from mmpsearch.datasets.io.mat_faults import check_survivable
from mmpsearch.datasets.io.mat_files import load_mat
from mmpsearch.errors import MatFileError

from ..matlab_bytes import element, matrix

HEADER = b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM"


def nested(levels, matrix_class=1):
    data = element(14, b"")
    for _ in range(levels):
        data = matrix(matrix_class, (1, 1), data)
    return HEADER + data


def refused(data, deepest=100):
    try:
        check_survivable(data, deepest)
    except MatFileError as error:
        return str(error)
    return ""


def test_levels_are_counted():
    assert not refused(nested(5), deepest=5)
    assert "more than 5 deep" in refused(nested(6), deepest=5)
    assert refused(nested(8000))
    assert refused(nested(8000, matrix_class=3))


def test_structs_in_cells_as_data_sets_have_them(tmp_path):
    path = tmp_path / "a.mat"
    cell = np.empty((1, 1), dtype=object)
    cell[0, 0] = dict(a=dict(b=np.ones(3)))
    savemat(path, {"x": cell}, do_compression=True)
    assert not refused(path.read_bytes(), deepest=3)
    assert refused(path.read_bytes(), deepest=2)


@pytest.mark.parametrize("compressed", [False, True])
def test_what_scipy_writes_is_accepted(tmp_path, compressed):
    path = tmp_path / "a.mat"
    content = {
        "complex": np.ones((2, 3)) * 1j,
        "empty": np.zeros((0, 4)),
        "sparse": scipy.sparse.csc_array(np.eye(300)),
        "text": "Zürich",
        "flags": np.array([True, False]),
        "small": np.arange(3, dtype=np.int8),
        "cells": np.array([["a", np.zeros((3, 0, 2))]], object),
    }
    savemat(path, content, do_compression=compressed)
    assert refused(path.read_bytes()) == ""


def test_other_files_are_left_to_their_reader():
    assert not refused(b"")
    assert not refused(b"MATLAB 7.3".ljust(512))


def test_a_cut_file():
    assert "is cut" in refused(HEADER + b"\x0e\0\0\0\xff\xff\xff\x7f")
    assert "is cut" in refused(nested(3)[:-8])


def test_a_file_that_would_overflow_the_stack_is_refused(tmp_path):
    path = tmp_path / "deep.mat"
    path.write_bytes(nested(8000))
    with pytest.raises(MatFileError, match=r"deep.mat holds cells in cells"):
        load_mat(path, "x")


NUMBERS = np.arange(3.0)[None]
TYPE, SIZES = b"\x09\0\0\0\x18\0\0\0", b"\x01\0\0\0\x03\0\0\0"
LENGTH = b"\x05\0\0\0\x08\0\0\0"


@pytest.mark.parametrize(
    "right, wrong, message",
    [
        (LENGTH, b"\x05\0\0\0\x02\0\0\0", "without dimensions"),
        (TYPE, b"\0\0\0\0\x18\0\0\0", "an element of type 0"),
        (TYPE, b"\xff\0\0\0\x18\0\0\0", "an element of type 255"),
        (SIZES, b"\x01\0\0\0\0\0\0\x10", "a matrix of 1 x 268435456"),
        (SIZES, b"\xff\xff\xff\xff\x03\0\0\0", "a matrix of -1 x 3"),
    ],
)
def test_what_scipy_does_not_survive(tmp_path, right, wrong, message):
    path = tmp_path / "a.mat"
    cell = np.empty((1, 1), object)
    cell[0, 0] = NUMBERS
    savemat(path, {"a": cell})
    data = path.read_bytes()
    at = data.rindex(right)
    path.write_bytes(data[:at] + wrong + data[at + len(right) :])
    with pytest.raises(MatFileError, match=f"{message}.*it is damaged"):
        load_mat(path, "a")
