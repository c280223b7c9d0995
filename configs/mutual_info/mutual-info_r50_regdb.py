"""Variational distillation, ResNet-50 (Tian et al., CVPR 2021) on RegDB, trial 1.

Expected (visible to thermal, rank-1 / mAP, mean of 10 trials): 73.2 / 71.6 from
ImageNet, 75.08 / 72.74 from MMGL's pre-training (MMGL, Table III, "MutualInfo");
hardware and time are not published. An epoch shows every person once: 25 steps, 15,000
in all.

    python tools/train.py configs/mutual_info/mutual-info_r50_regdb.py
"""

_base_ = [
    "../_base_/datasets/regdb.py",
    "../_base_/pipelines/cross_modality.py",
    "../_base_/models/cross_modality_mutual_info_r50.py",
    "../_base_/schedules/cross_modality_mutual_info_600e.py",
    "../_base_/default_runtime.py",
]
model = dict(num_identities=_base_.num_identities)
train_dataloader = dict(
    sampler=dict(type="mmpsearch.EachPersonOnceBatchSampler"),
    dataset=dict(pipeline=_base_.mutual_info_pipeline),
)
val_dataloader = dict(dataset=dict(pipeline=_base_.small_test_pipeline))
test_dataloader = val_dataloader
