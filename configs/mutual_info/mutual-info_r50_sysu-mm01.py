"""Variational distillation, ResNet-50 (Tian et al., CVPR 2021) on SYSU-MM01.

Expected (all-search, single-shot, rank-1 / mAP): 60.02 rank-1 from ImageNet (the
authors); 60.62 / 58.80 from ImageNet and 62.38 / 60.91 from MMGL's pre-training (MMGL,
Table II, "MutualInfo"); hardware and time are not published.
An epoch shows every person once: 24 steps, 14,400 in all.

    python tools/train.py configs/mutual_info/mutual-info_r50_sysu-mm01.py
"""

_base_ = [
    "../_base_/datasets/sysu_mm01.py",
    "../_base_/pipelines/cross_modality.py",
    "../_base_/models/cross_modality_mutual_info_r50.py",
    "../_base_/schedules/cross_modality_mutual_info_600e.py",
    "../_base_/default_runtime.py",
]
model = dict(num_identities=_base_.num_identities)
train_dataloader = dict(
    batch_size=128,
    sampler=dict(type="mmpsearch.EachPersonOnceBatchSampler", num_identities=16),
    dataset=dict(pipeline=_base_.mutual_info_pipeline),
)
val_dataloader = dict(dataset=dict(pipeline=_base_.small_test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(protocol="matlab")
test_evaluator = val_evaluator
