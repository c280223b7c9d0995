"""List files of data sets, with errors that name the file."""

from pathlib import Path

from mmpsearch.errors import DataLayoutError


def read_lines(path: Path) -> list[str]:
    """Lines of a text file in UTF-8, without their ends.

    Raises:
        DataLayoutError: It is in another encoding.
    """
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise DataLayoutError(
            f"{path} is not a text file in UTF-8 ({error}); save it again in UTF-8."
        ) from error
