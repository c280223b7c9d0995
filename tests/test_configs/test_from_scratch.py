"""Residual branches of networks from scratch start as in the released codes."""

import pytest
from mmengine.config import Config

from mmpsearch.registry import MODELS

from .test_cross_modality_methods import ROOT

# 1: the last norm of a block starts at one, as torchvision's; 0: at zero
RELEASED = {
    "mmgl/agw_r50_sysu-mm01.py": 1,
    "mmgl/one-stream_r50_regdb.py": 1,
    "mmgl/mmgl_r50-two-stream_pretrain_sysu-mm01.py": 1,
    "mmgl/mmgl_r50-one-stream_pretrain_sysu-mm01.py": 1,
    "ddag/ddag_r50_sysu-mm01.py": 1,
    "caj/caj_r50_sysu-mm01.py": 1,
    "mpanet/mpanet_r50_sysu-mm01.py": 1,
    "mutual_info/mutual-info_r50_sysu-mm01.py": 1,
    "nfs/nfs_r50_sysu-mm01.py": 1,
    "reid/bot/bot_r50_market1501.py": 1,
    "reid/agw/agw_r50_market1501.py": 1,
    "reid/sbs/sbs_r50_market1501.py": 1,
    "reid/mgn/mgn_r50_market1501.py": 1,
    "reid/pcb/pcb_r50_market1501.py": 1,
    "reid/bdb/bdb_r50_market1501.py": 1,
    "spcl/spcl_r50_market1501.py": 1,
    "up_reid/up-reid_r50_pretrain_luperson.py": 1,
    "up_reid/moco_r50_pretrain_luperson.py": 1,
    # MMPretrain's own configs
    "mmgl/other_pretraining/byol_r50_pretrain_sysu-mm01.py": 1,
    "mmgl/other_pretraining/moco_r50_pretrain_sysu-mm01.py": 1,
    "mmgl/other_pretraining/simclr_r50_pretrain_sysu-mm01.py": 0,
    "mmgl/other_pretraining/simsiam_r50_pretrain_sysu-mm01.py": 0,
    "mmgl/other_pretraining/swav_r50_pretrain_sysu-mm01.py": 0,
    "mmgl/other_pretraining/barlow-twins_r50_pretrain_sysu-mm01.py": 0,
}


@pytest.mark.parametrize("name", RELEASED)
def test_last_norm_of_every_block(name):
    settings = Config.fromfile(ROOT / name).model.backbone
    settings.update(stem_channels=8, base_channels=4, init_cfg=None)
    backbone = MODELS.build(settings)
    backbone.init_weights()
    found = {
        value
        for key, weight in backbone.named_parameters()
        if "layer" in key and key.endswith("bn3.weight")
        for value in weight.tolist()
    }
    assert found == {float(RELEASED[name])}
