import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from mmpsearch.errors import ConfigError
from tests.test_datasets.layouts import write_prw

SCRIPT = Path(__file__).parents[3] / "tools" / "analysis_tools" / "browse_dataset.py"
CONFIG = """
train_dataloader = dict(
    sampler=dict(type="mmpsearch.ViewSampler", views=3),
    dataset=dict(
        type="mmpsearch.PRW",
        data_root={root!r},
        split="train",
        pipeline=[
            dict(type="mmpsearch.LoadImage"),
            dict(type="mmpsearch.RandomHorizontalFlip"),
            dict(type="mmpsearch.PackPersonSearchInputs"),
        ],
    ),
)
"""

CROPS = """
train_dataloader = dict(
    dataset=dict(
        type="mmpsearch.CustomReID",
        data_root={root!r},
        pipeline=[
            dict(type="mmpsearch.LoadImage"), dict(type="mmpsearch.PackReIDInputs")
        ],
    ),
)
"""


@pytest.fixture
def tool():
    spec = importlib.util.spec_from_file_location("browse_dataset", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def config(tmp_path):
    root = write_prw(tmp_path / "PRW")
    path = tmp_path / "config.py"
    path.write_text(CONFIG.format(root=str(root)))
    return path


def test_pictures_show_the_boxes(tool, config, tmp_path):
    out = tmp_path / "out"
    arguments = [str(config), "--out", str(out), "--number", "5", "--height", "100"]
    assert tool.main(tool.parse_args(arguments)) == 0
    paths = sorted(out.iterdir())
    names = ["000000_c1s1_000151.png", "000001_c2s1_000176.png"]
    assert [path.name for path in paths] == names
    picture = np.asarray(Image.open(paths[0]))
    # The original and three views of 100 x 120 pixels, gaps of 8 and a caption of 22.
    assert picture.shape == (100 + 2 * 8 + 22, 4 * (120 + 8) + 8, 3)
    # Left edge of the box (10, 12, 30, 52) of person 0, in person 0's colour.
    edge = picture[8 + 46 : 8 + 51, 8 + 10]
    assert (edge == tool.person_colour(0)).all()


def test_same_seed_same_pictures(tool, config, tmp_path):
    contents = []
    for folder in ("a", "b"):
        arguments = [str(config), "--out", str(tmp_path / folder), "--number", "1"]
        tool.main(tool.parse_args(arguments))
        contents += [path.read_bytes() for path in (tmp_path / folder).iterdir()]
    assert contents[0] == contents[1]


def test_crops_are_shown_as_they_are(tool, tmp_path):
    folder = tmp_path / "mine" / "anna"
    folder.mkdir(parents=True)
    pixels = np.zeros((40, 20, 3), np.uint8)
    pixels[:20, :, 0] = 200  # red above, black below
    Image.fromarray(pixels).save(folder / "a.png")
    path = tmp_path / "config.py"
    path.write_text(CROPS.format(root=str(folder.parent)))
    out = tmp_path / "out"
    arguments = [str(path), "--out", str(out), "--height", "80"]
    assert tool.main(tool.parse_args(arguments)) == 0
    (file,) = out.iterdir()
    assert file.name == "000000_a.png"
    picture = np.asarray(Image.open(file))
    assert picture.shape == (80 + 2 * 8 + 22, 3 * (40 + 8) + 8, 3)
    for tile in range(3):  # the original and two views
        column = picture[:, 8 + tile * 48 + 20]
        assert (column[8 + 10] == (200, 0, 0)).all() and not column[8 + 70].any()


def test_mistakes_are_named(tool, config, tmp_path, capsys):
    arguments = [str(config), "--out", str(tmp_path / "out")]
    for options, message in (
        (["--loader", "test"], "config.py: test_dataloader: is missing"),
        (
            ["--cfg-options", "train_datalaoder.dataset.data_root=/nowhere"],
            "train_datalaoder: is no key .* did you mean 'train_dataloader'",
        ),
        (
            ["--cfg-options", "train_dataloader.dataset.dataroot=/nowhere"],
            "dataset.dataroot: is not known; did you mean 'data_root'",
        ),
    ):
        with pytest.raises(ConfigError, match=message):
            tool.main(tool.parse_args([*arguments, *options]))
    with pytest.raises(SystemExit):
        tool.parse_args([str(config), "--out", str(config)])
    assert "config.py: is a file, not a folder" in capsys.readouterr().err


def test_views_of_pre_training(tool):
    views = [
        np.full((3, *size), 200, np.uint8) for size in ((40, 20), (40, 20), (20, 10))
    ]
    masks = np.zeros((2, 4, 2), bool)
    masks[1, 0, 0] = True
    packed = dict(
        inputs=[torch.from_numpy(view) for view in views], masks=torch.from_numpy(masks)
    )
    (first, _), (second, text), (local, _) = tool.draw_views(packed, height=40)
    assert first.size == second.size == (20, 40) and local.size == (10, 20)
    assert text == "40 x 20  12% masked"
    pixels = np.asarray(second)
    assert (pixels[:10, :10] == 128).all() and (pixels[10:] == 200).all()
    assert (np.asarray(first) == 200).all() and (np.asarray(local) == 200).all()
