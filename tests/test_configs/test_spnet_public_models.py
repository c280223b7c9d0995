"""Every model of the public SPNet has its config, or options that the README names."""

import re

import pytest
import torch
from mmengine.config import Config, DictAction

from mmpsearch.models.converters.spnet import convert_spnet
from mmpsearch.registry import MODELS

from ..test_models.golden import public_keys
from .test_spnet_configs import ROOT

README = (ROOT / "configs/spnet/README.md").read_text(encoding="utf-8")
S, L = "spnet-s_convnext-t", "spnet-l_convnext-b"
# the public code has 482 labels for PRW's 483 training identities
PRW = "model.reid_loss.num_identities=482"
MODELS_OF_CONFIGS = {
    "spnet_s_oc": (f"{S}_oc-finetune_cuhk-sysu", ""),
    "spnet_s_oc_prw": (f"{S}_oc-finetune_prw", PRW),
    "spnet_s_bn_logits": (
        f"{S}_oc-finetune_cuhk-sysu",
        "model.sp_block.logits=batch_norm",
    ),
    "spnet_s_qc_pretrain": (f"{S}_qc-pretrain_coco-persons", ""),
    "spnet_s_oc_pretrain": (f"{S}_oc-pretrain_coco-persons", ""),
    "spnet_s_qc_pretrain_lwf": (
        f"{S}_qc-pretrain_coco-persons",
        "model.scene_distillation.type=mmpsearch.SceneDistillation",
    ),
    "c0_sep_convnext_t": (f"{S}_oc-finetune_cuhk-sysu", "$SEPARATE"),
    "c2_share_convnext_t": (f"{S}_oc-finetune_cuhk-sysu", "model.cascade_steps=2"),
    "c2_sep_convnext_t": (
        f"{S}_oc-finetune_cuhk-sysu",
        "model.cascade_steps=2 $SEPARATE $LARGE",
    ),
    "spnet_l_convnext_b": (f"{L}_oc-finetune_cuhk-sysu", ""),
    "spnet_l_convnext_b_prw": (f"{L}_oc-finetune_prw", PRW),
    "spnet_l_convnext_b_qc_pretrain": (f"{L}_qc-pretrain_coco-persons", ""),
    "spnet_l_resnet50": ("spnet-l_r50_oc-finetune_cuhk-sysu", ""),
    "spnet_l_swin_b": ("spnet-l_swin-b_oc-finetune_cuhk-sysu", ""),
}


def with_variables(options: str) -> str:
    """Options with the shell variables of the README put in."""
    values = dict(re.findall(r'^([A-Z]+)="([^"]+)"$', README, re.MULTILINE))
    return re.sub(r"\$([A-Z]+)", lambda match: values[match[1]], options)


def test_every_public_model_is_here():
    # torchvision's Swin has no published result
    assert public_keys()["shapes"].keys() - MODELS_OF_CONFIGS.keys() == {
        "spnet_s_torchvision_swin_b"
    }


@pytest.mark.parametrize("variant", MODELS_OF_CONFIGS)
def test_the_config_has_the_public_model_s_weights(variant):
    name, options = MODELS_OF_CONFIGS[variant]
    config = Config.fromfile(ROOT / f"configs/spnet/{name}.py")
    pairs = (option.split("=", 1) for option in with_variables(options).split())
    config.merge_from_dict({k: DictAction._parse_iterable(v) for k, v in pairs})
    public = {
        key: torch.ones(()).expand(shape)
        for key, shape in public_keys()["shapes"][variant].items()
    }
    converted, _ = convert_spnet(public)
    own = MODELS.build(config.model).state_dict()
    assert {key: value.shape for key, value in own.items()} == {
        key: value.shape for key, value in converted.items()
    }


def test_copies_keep_their_stochastic_depth():
    """Torchvision's ConvNeXt-B ends with 0.4714, 0.4857 and 0.5 of 36 blocks."""
    model = MODELS.build(
        Config.fromfile(ROOT / f"configs/spnet/{L}_oc-finetune_prw.py").model
    )
    stages = [model.backbone.stages[3], model.box_embedder.stage[1]]
    stages += [embedder.stage[1] for embedder in model.detection_embedders]
    assert len(stages) == 4
    for stage in stages:
        rates = [block.drop_path.drop_prob for block in stage]
        assert rates == pytest.approx([0.4714, 0.4857, 0.5], abs=1e-4)
