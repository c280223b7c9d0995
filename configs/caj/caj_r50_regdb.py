"""CAJ, ResNet-50 (Ye et al., ICCV 2021) on RegDB, trial 1.

Expected (visible to thermal, rank-1 / mAP, mean of 10 trials): 85.03 / 79.14 from
ImageNet (CAJ); 83.25 / 77.31 from ImageNet and 84.32 / 78.55 from MMGL's pre-training
(MMGL, Table III); hardware and time are not published.

    python tools/train.py configs/caj/caj_r50_regdb.py
"""

_base_ = [
    "../_base_/datasets/regdb.py",
    "../_base_/pipelines/cross_modality.py",
    "../_base_/models/cross_modality_caj_r50.py",
    "../_base_/schedules/cross_modality_81e.py",
    "../_base_/cross_modality_runtime.py",
]
model = dict(num_identities=_base_.num_identities)
train_dataloader = dict(
    batch_size=96,
    sampler=dict(rgb_views=2),
    dataset=dict(pipeline=_base_.caj_pipeline),
)
train_cfg = dict(max_epochs=100)
