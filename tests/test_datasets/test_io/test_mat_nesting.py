import numpy as np
import pytest
from scipy.io import savemat

from mmpsearch.datasets.io.mat_files import load_mat
from mmpsearch.datasets.io.mat_nesting import is_nested_deeply
from mmpsearch.errors import MatFileError

from ..matlab_bytes import element, matrix

HEADER = b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM"


def nested(levels, matrix_class=1):
    data = element(14, b"")
    for _ in range(levels):
        data = matrix(matrix_class, (1, 1), data)
    return HEADER + data


def test_levels_are_counted():
    assert not is_nested_deeply(nested(5), deepest=5)
    assert is_nested_deeply(nested(6), deepest=5)
    assert is_nested_deeply(nested(8000))
    assert is_nested_deeply(nested(8000, matrix_class=3))


def test_structs_in_cells_as_data_sets_have_them(tmp_path):
    path = tmp_path / "a.mat"
    cell = np.empty((1, 1), dtype=object)
    cell[0, 0] = dict(a=dict(b=np.ones(3)))
    savemat(path, {"x": cell}, do_compression=True)
    assert not is_nested_deeply(path.read_bytes(), deepest=3)
    assert is_nested_deeply(path.read_bytes(), deepest=2)


def test_other_files_are_left_to_their_reader():
    assert not is_nested_deeply(b"")
    assert not is_nested_deeply(HEADER + b"\x0e\0\0\0\xff\xff\xff\x7f")


def test_a_file_that_would_overflow_the_stack_is_refused(tmp_path):
    path = tmp_path / "deep.mat"
    path.write_bytes(nested(8000))
    with pytest.raises(MatFileError, match=r"deep.mat holds cells in cells"):
        load_mat(path, "x")
