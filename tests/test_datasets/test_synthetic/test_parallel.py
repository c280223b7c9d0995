import os
from pathlib import Path

import cv2
import pytest

from mmpsearch.datasets.synthetic.parallel import draw_all
from mmpsearch.errors import RenderingError


def draw(word, item, root):
    Path(root, f"{item}.txt").write_text(f"{word} {item} {cv2.getNumThreads()}")


def die(item, root):
    os._exit(1)


def fail(item, root):
    raise KeyError(item)


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_everything_is_drawn_without_opencv_threads(tmp_path, workers):
    before, seen = cv2.getNumThreads(), []
    draw_all(
        *(draw, list(range(20)), "number"),
        **dict(root=tmp_path, workers=workers, total=25),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert len(list(tmp_path.iterdir())) == 20
    assert (tmp_path / "7.txt").read_text() in ("number 7 1", "number 7 0")
    assert seen[0] == (5, 25) and seen[-1] == (25, 25) and seen == sorted(seen)
    assert cv2.getNumThreads() == before
    draw_all(draw, [], "nothing", root=tmp_path, workers=workers)


def test_what_goes_wrong_in_a_worker(tmp_path):
    with pytest.raises(RenderingError, match="a worker died while rendering into"):
        draw_all(die, [1, 2], root=tmp_path, workers=2)
    with pytest.raises(KeyError):
        draw_all(fail, [1, 2], root=tmp_path, workers=2)
