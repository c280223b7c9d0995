"""AGW for two modalities on RegDB, as MMGL fine-tunes it; trial 1 of 10.

Expected (rank-1 / mAP, visible to thermal; thermal to visible), Table III: from scratch
it fails, from ImageNet 70.73 / 65.04; 69.85 / 63.66, from MMGL (pre-trained on
SYSU-MM01) 75.43 / 70.12; 74.25 / 70.00. Published on one RTX 2080 Ti; the time is not.

    python tools/train.py configs/mmgl/agw_r50_regdb.py

Where it starts: see ``agw_r50_sysu-mm01.py``.
"""

_base_ = [
    "../_base_/cross_modality_runtime.py",
    "../_base_/datasets/regdb.py",
    "../_base_/models/cross_modality_agw_r50.py",
    "../_base_/schedules/cross_modality_81e.py",
]
model = dict(num_identities={{_base_.num_identities}})
