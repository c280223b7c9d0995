import pytest

from mmpsearch.datasets.io.text_files import read_lines
from mmpsearch.errors import DataLayoutError


def test_lines_of_any_system(tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes("\ufeffé.jpg 1\r\n\nb.jpg".encode())
    assert read_lines(path) == ["é.jpg 1", "", "b.jpg"]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_is_named(tmp_path, encoding):
    path = tmp_path / "list.txt"
    path.write_bytes("é.jpg 1".encode(encoding))
    with pytest.raises(DataLayoutError, match="list.txt is not a text file in UTF-8"):
        read_lines(path)
