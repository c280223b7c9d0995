"""Refuse a config of another kind than a tool needs, before any work is done."""

from mmengine.config import Config
from torch import nn

from mmpsearch.apis.test_set_embedding import build_test_set
from mmpsearch.errors import InputError, ModelLoadError
from mmpsearch.models.person_search.base import PersonSearchModel
from mmpsearch.models.reid.base import ReIDBase
from mmpsearch.models.selfsup.base import SelfSupervisedBase
from mmpsearch.utils.check_config import require_section


def require_detector(model: nn.Module, config_name: str) -> None:
    """Refuse a model of this package that finds nobody in a picture.

    Args:
        model: What the config gave: of MMDetection, of a project built on it, or ours.
        config_name: Its file, or ``""``.

    Raises:
        ModelLoadError: It embeds crops, or pre-trains a backbone.
    """
    name = f"{config_name or 'the config'} is a"
    kind = f"model ({type(model).__name__}), which finds nobody in a scene"
    if isinstance(model, ReIDBase):
        raise ModelLoadError(
            f"{name} re-identification {kind}; use demo/search_crops.py "
            "(ReIDInferencer), or the config of a model that finds people"
        )
    if isinstance(model, SelfSupervisedBase):
        raise ModelLoadError(
            f"{name} pre-training {kind}; give the config of a model that finds people"
        )


def refuse_scene_model(model: nn.Module, config_name: str) -> None:
    """Refuse a model for whole scenes where one for pictures of one person is needed.

    Args:
        model: What the config gave.
        config_name: Its file name, or ``""``.

    Raises:
        ModelLoadError: It is a person-search model.
    """
    if isinstance(model, PersonSearchModel):
        raise ModelLoadError(
            f"{config_name or 'the config'} is a person-search model "
            f"({type(model).__name__}), not one for pictures of one person; use "
            "demo/search_person.py (PersonSearchInferencer)"
        )


def build_search_set(config: Config):
    """The test set of a person-search config; its ``metainfo`` has a ``protocol``.

    Raises:
        ConfigError: There is no ``test_dataloader``.
        InputError: Its data set is none of person search.
    """
    dataset = _build(config)
    if "protocol" not in dataset.metainfo:
        raise InputError(
            f"{config.filename}: its test set {type(dataset).__name__} has no scenes "
            "to search; give a person-search config"
        )
    return dataset


def build_modality_set(config: Config):
    """The test set of a cross-modality config, with ``modalities`` of its pictures.

    Raises:
        ConfigError: There is no ``test_dataloader``.
        InputError: Its data set knows no modalities.
    """
    dataset = _build(config)
    if not hasattr(dataset, "modalities"):
        raise InputError(
            f"{config.filename}: its test set {type(dataset).__name__} does not tell "
            "RGB and infrared pictures apart; give a cross-modality config (SYSU-MM01 "
            "or RegDB)"
        )
    return dataset


def _build(config: Config):
    require_section(config, "test_dataloader")
    return build_test_set(config)
