"""Models and test sets of another kind than a tool needs."""

import pytest
from mmengine.config import Config

from mmpsearch.apis import InputError
from mmpsearch.apis.config_kinds import (
    build_modality_set,
    build_search_set,
    require_detector,
)
from mmpsearch.errors import ConfigError
from mmpsearch.registry import DATASETS, MODELS
from tests.test_models.test_selfsup.small import small_model

from . import crop_model
from .colour_model import ColourModel


def test_models_that_find_nobody():
    require_detector(ColourModel(), "search.py")
    reid = MODELS.build(crop_model.config()["model"])
    with pytest.raises(InputError, match="crops.py is a re-id.*demo/search_crops.py"):
        require_detector(reid, "crops.py")
    with pytest.raises(InputError, match="the config is a pre-training model .Person"):
        require_detector(small_model(), "")


class Nothing:
    """A data set without a protocol and modalities."""

    metainfo = {}


def test_test_sets_of_another_kind(monkeypatch, tmp_path):
    monkeypatch.setitem(DATASETS.module_dict, "Nothing", Nothing)
    path = tmp_path / "other.py"
    path.write_text("test_dataloader = dict(dataset=dict(type='mmpsearch.Nothing'))\n")
    config = Config.fromfile(path)
    for build, message in (
        (build_search_set, "other.py: its test set Nothing has no scenes to search"),
        (build_modality_set, "other.py: its test set Nothing does not tell RGB"),
    ):
        with pytest.raises(InputError, match=message):
            build(config)
    for build in (build_search_set, build_modality_set):
        with pytest.raises(ConfigError, match="test_dataloader: is missing"):
            build(Config(dict()))
