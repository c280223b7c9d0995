"""Table 7: which parameter is trained with which learning rate and weight decay."""

import copy
import logging
from pathlib import Path
from types import SimpleNamespace

import pytest
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.runner import Runner

from mmpsearch.registry import MODELS

SMALL = {
    "neck": {"in_channels": [16, 32, 64], "out_channels": 32},
    "anchor_embedder": {"in_channels": 32},
}
FOLDER = Path(__file__).parents[2] / "configs/spnet"
RULE = "optim_wrapper.paramwise_cfg.custom_keys.backbone"
# options -> learning rate and weight decay of the backbone; None: frozen
LAYERS = {
    "uniform": ({f"{RULE}.lr_mult": 1.0, f"{RULE}.decay_mult": 1.0}, (1e-4, 1e-3)),
    "mixed": ({}, (1e-5, 0.0)),
    "distilled": (
        {"model.scene_distillation.type": "mmpsearch.SceneDistillation"},
        (1e-5, 0.0),
    ),
    "frozen": ({"model.freeze_backbone": True}, None),
}


def wrapper_and_names(name, options):
    config = Config.fromfile(FOLDER / f"{name}.py")
    # merging writes the dotted options into what it is given
    config.merge_from_dict({"model": copy.deepcopy(SMALL), **options})
    config.model.backbone.arch = dict(depths=[1] * 4, channels=[8, 16, 32, 64])
    config.model.reid_loss.queue_size = 64
    model = MODELS.build(config.model)
    wrapper = build_optim_wrapper(model, config.optim_wrapper)
    groups = {
        id(parameter): (group["lr"], group["weight_decay"])
        for group in wrapper.optimizer.param_groups
        for parameter in group["params"]
    }
    trained = {
        key: pytest.approx(groups[id(parameter)])
        for key, parameter in model.named_parameters()
        if parameter.requires_grad
    }
    return wrapper, trained, config


@pytest.mark.parametrize("pathway", ["qc", "oc"])
@pytest.mark.parametrize("layers", LAYERS)
def test_pretraining(pathway, layers):
    options, backbone = LAYERS[layers]
    name = f"spnet-s_convnext-t_{pathway}-pretrain_coco-persons"
    wrapper, trained, _ = wrapper_and_names(name, options)
    own = {key: value for key, value in trained.items() if key.startswith("backbone.")}
    others = trained.keys() - own.keys()
    assert bool(own) == (backbone is not None)
    assert all(value == backbone for value in own.values())
    assert all(trained[key] == (1e-4, 1e-3) for key in others)
    # the Box Embedder's stage, the classifier of scenes; never a teacher
    assert any(key.startswith("box_embedder.stage.") for key in others)
    distilled = {key for key in others if key.startswith("scene_distillation.")}
    assert bool(distilled) == (layers == "distilled")
    assert all("classifier." in key and "teacher" not in key for key in distilled)
    assert not any("momentum_encoder" in key for key in trained)
    assert wrapper.clip_grad_kwargs == {"max_norm": 10}


def test_finetuning_treats_all_layers_alike():
    wrapper, trained, _ = wrapper_and_names("spnet-s_convnext-t_oc-finetune_prw", {})
    assert all(value == (1e-4, 5e-4) for value in trained.values())
    assert wrapper.clip_grad_kwargs == {"max_norm": 10}


def test_auto_scale_lr_keeps_the_backbone_s_share():
    """Two processes with eight pictures each: twice the published batch."""
    name = "spnet-s_convnext-t_qc-pretrain_coco-persons"
    wrapper, _, config = wrapper_and_names(name, {})
    runner = SimpleNamespace(
        _train_dataloader=dict(batch_size=8),
        world_size=2,
        param_schedulers=[],
        logger=logging.getLogger("quiet"),
    )
    config.auto_scale_lr.enable = True
    Runner.scale_lr(runner, wrapper, config.auto_scale_lr)
    rates = {group["lr"] for group in wrapper.optimizer.param_groups}
    assert sorted(rates) == pytest.approx([2e-5, 2e-4])
