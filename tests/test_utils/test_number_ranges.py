import argparse

import numpy as np
import pytest

from mmpsearch.errors import InputError
from mmpsearch.gallery import GalleryIndex
from mmpsearch.gallery.options import add_search_arguments
from mmpsearch.utils.number_ranges import number_in, require_in, whole_from


def test_ranges():
    assert number_in(0, 1)("0.5") == 0.5 and whole_from(1)("3") == 3
    for read, wrong in (
        (number_in(0, 1), ("1.01", "-0.1", "nan", "inf")),
        (whole_from(1), ("0", "-3")),
    ):
        for text in wrong:
            with pytest.raises(argparse.ArgumentTypeError, match=text):
                read(text)
    require_in("threshold", None, 0, 1)
    require_in("threshold", 1, 0, 1)
    for value in (1.5, -1, float("nan")):
        with pytest.raises(InputError, match="threshold=.*from 0 to 1"):
            require_in("threshold", value, 0, 1)


def test_a_threshold_that_no_similarity_reaches_is_refused(capsys):
    with pytest.raises(InputError, match="threshold=60"):
        GalleryIndex().search(np.ones((1, 4), np.float32), threshold=60)
    parser = argparse.ArgumentParser()
    add_search_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["--threshold", "60"])
    assert "from -1 to 1" in capsys.readouterr().err
