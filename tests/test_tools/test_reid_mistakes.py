"""What users get wrong with re-identification: one clear error each, from the tools."""

import shutil

import pytest
import torch

from mmpsearch.datasets.synthetic import make_crop_options, make_synthetic_crops
from mmpsearch.models.backbones import ReIDResNet

from .test_train_and_test import ROOT, tool  # noqa: F401

CONFIG = ROOT / "configs" / "reid" / "bot" / "bot_r18_synth.py"
SMALL = dict(stem_channels=8, base_channels=4)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    root = tmp_path_factory.mktemp("rendered") / "market1501"
    people = dict(identities=4, test_identities=3, crops_per_identity=5)
    options = make_crop_options("market1501", **people, width=16, height=32)
    make_synthetic_crops(options, root)
    return root


@pytest.fixture
def data(rendered, tmp_path):
    """A copy that may be damaged."""
    return shutil.copytree(rendered, tmp_path / "data")


@pytest.fixture
def run(tool, data, tmp_path):  # noqa: F811
    """Run a tool on the copy; its error, which must be a single one."""

    def call(name, *arguments, **changes):
        options = {f"model.backbone.{key}": value for key, value in SMALL.items()}
        options |= {
            "model.heads.whole.in_channels": 32,
            "model.num_identities": 4,
            "train_dataloader.batch_size": 8,
            "train_dataloader.sampler.num_identities": 4,
            "train_dataloader.sampler.num_instances": 2,
            "train_cfg.max_epochs": 1,
        }
        for part in ("train", "val", "test"):
            options[f"{part}_dataloader.dataset.data_root"] = data
            options[f"{part}_dataloader.num_workers"] = 0
            options[f"{part}_dataloader.persistent_workers"] = False
        options |= changes
        given = [f"{key}={value}" for key, value in options.items()]
        work = ["--work-dir", tmp_path / "work"]
        status, error, _ = tool(
            name, CONFIG, *arguments, *work, "--cfg-options", *given
        )
        assert status == 2 and "Traceback" not in error, error
        assert error.count("error: ") == 1, error
        return error[error.index("error: ") :]

    return call


def test_layout(run, data):
    junk = data / "bounding_box_train" / "holiday.jpg"
    junk.touch()
    error = run("train.py")
    assert "1 of 21 file names do not follow the grammar PPPP_cCsS_FFFFFF_NN" in error
    assert "first 'holiday.jpg'" in error and "mmpsearch.CustomReID" in error
    junk.unlink()

    for picture in (data / "query").iterdir():
        picture.unlink()
    checkpoint = data / "any.pth"
    torch.save({}, checkpoint)
    assert "the query list of" in run("test.py", checkpoint)

    (data / "query").rmdir()
    error = run("test.py", checkpoint)
    assert f"Market-1501: {data / 'query'} is missing." in error
    assert "Expected layout" in error and "is offered by its authors" in error


@pytest.mark.parametrize("workers", [0, 1])
def test_unreadable_picture(run, data, workers):
    for picture in (data / "bounding_box_train").iterdir():
        picture.write_bytes(picture.read_bytes()[:150])
    error = run("train.py", **{"train_dataloader.num_workers": workers})
    assert "bounding_box_train/" in error and error.count("\n") == 1


def test_numbers_that_do_not_fit(run):
    error = run("train.py", **{"model.num_identities": 751})
    assert "num_identities=751, but the training set Market1501 has 4" in error
    error = run("train.py", **{"train_dataloader.batch_size": 12})
    assert "batch_size is 12, but its IdentitySampler makes batches of" in error
    error = run("train.py", **{"train_dataloader.sampler.num_identities": 16})
    assert "needs 16 identities, the dataset has 4; lower num_identities" in error


def test_weights_of_another_architecture(run, tmp_path):
    other = ReIDResNet(34, **SMALL).state_dict()
    path = tmp_path / "other.pth"
    whole = {f"backbone.{key}": value for key, value in other.items()}
    torch.save(dict(state_dict=whole), path)
    error = run("test.py", path)
    assert "does not fit the config's model ReIDModel: heads.whole" in error
    hidden = {f"encoder.{key}": value for key, value in other.items()}
    torch.save(dict(state_dict=hidden), path)
    start = {
        "model.backbone.init_cfg.type": "Pretrained",
        "model.backbone.init_cfg.checkpoint": path,
    }
    error = run("train.py", **start)
    assert "is not one of ResNet: of" in error and "set init_cfg.prefix" in error
    start |= {
        "model.backbone.init_cfg.prefix": "encoder.",
        "model.backbone.base_channels": 8,
        "model.heads.whole.in_channels": 64,
    }
    assert "does not fit ResNet" in run("train.py", **start)
