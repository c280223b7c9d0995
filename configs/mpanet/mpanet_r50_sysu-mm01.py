"""MPANet, ResNet-50 (Wu et al., CVPR 2021) on SYSU-MM01.

Expected (all-search, single-shot, rank-1 / mAP): 70.58 / 68.24 from ImageNet, 72.45 /
69.17 from MMGL's pre-training (MMGL, Table II); hardware and time are not published.
An epoch shows no picture twice: at most 186 steps, 26,040 in all.

    python tools/train.py configs/mpanet/mpanet_r50_sysu-mm01.py --amp
"""

_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/sysu_mm01.py",
    "../_base_/pipelines/cross_modality.py",
    "../_base_/models/cross_modality_mpanet_r50.py",
    "../_base_/schedules/mpanet_140e.py",
]
model = dict(num_identities=_base_.num_identities)
train_dataloader = dict(
    batch_size=128,
    sampler=dict(type="mmpsearch.EachPairOnceBatchSampler", num_identities=16),
    dataset=dict(pipeline=_base_.mpanet_pipeline),
)
val_dataloader = dict(dataset=dict(pipeline=_base_.mpanet_test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(protocol="matlab")
test_evaluator = val_evaluator
custom_hooks = _base_.progress_hooks
