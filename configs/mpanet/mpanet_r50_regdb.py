"""MPANet, ResNet-50 (Wu et al., CVPR 2021) on RegDB, trial 1.

Expected (visible to thermal, rank-1 / mAP): 82.8 / 80.7 from ImageNet, 82.95 / 81.23
from MMGL's pre-training (MMGL, Table III); the public code trains on trial 1 alone.
Hardware and time are not published. An epoch shows no picture twice: 34 steps, 4,760
in all.

    python tools/train.py configs/mpanet/mpanet_r50_regdb.py --amp
"""

_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/regdb.py",
    "../_base_/pipelines/cross_modality.py",
    "../_base_/models/cross_modality_mpanet_r50.py",
    "../_base_/schedules/mpanet_140e.py",
]
model = dict(num_identities=_base_.num_identities)
train_dataloader = dict(
    batch_size=120,
    sampler=dict(
        type="mmpsearch.EachPairOnceBatchSampler", num_identities=12, num_instances=5
    ),
    dataset=dict(pipeline=_base_.mpanet_small_pipeline),
)
val_dataloader = dict(dataset=dict(pipeline=_base_.small_test_pipeline))
test_dataloader = val_dataloader
param_scheduler = [dict(type="mmengine.MultiStepLR", milestones=[110], gamma=0.1)]
custom_hooks = _base_.progress_hooks
