"""OSNet x1.0 (Zhou et al., ICCV 2019) on Market-1501.

Expected (rank-1 / mAP): 94.2 / 82.6 (torchreid's model zoo, from ImageNet weights).
Those weights are a public download; once converted:

    python tools/train.py configs/reid/osnet/osnet_x1-0_market1501.py
"""

_base_ = [
    "../../_base_/default_runtime.py",
    "../../_base_/datasets/reid_market1501.py",
    "../../_base_/pipelines/reid_flip_256x128.py",
    "../../_base_/models/reid_osnet.py",
    "../../_base_/schedules/osnet_150e.py",
]
model = dict(num_identities={{_base_.num_identities}})
train_dataloader = {{_base_.flip_train}}
val_dataloader = {{_base_.flip_test}}
test_dataloader = val_dataloader
custom_hooks = {{_base_.frozen_at_first}}
