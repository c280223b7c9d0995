"""AGW for two modalities (Ye et al., PAMI 2021) on SYSU-MM01, as MMGL fine-tunes it.

Expected (rank-1 / mAP, all-search, single-shot), Table II: from scratch 25.47 / 26.07,
from ImageNet 48.58 / 49.37, from MMGL 56.61 / 54.50. Published on one RTX 2080 Ti; the
time is not.

    python tools/train.py configs/mmgl/agw_r50_sysu-mm01.py

``--cfg-options`` choose where it starts, ``model.backbone.init_cfg.checkpoint``: None
is scratch, ``work_dirs/mmgl/epoch_100.pth`` a pre-training.
"""

_base_ = [
    "../_base_/cross_modality_runtime.py",
    "../_base_/datasets/sysu_mm01.py",
    "../_base_/models/cross_modality_agw_r50.py",
    "../_base_/schedules/cross_modality_81e.py",
]
model = dict(num_identities={{_base_.num_identities}})
