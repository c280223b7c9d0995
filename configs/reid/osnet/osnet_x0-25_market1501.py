"""OSNet x0.25 (Zhou et al., ICCV 2019) on Market-1501.

Expected (rank-1 / mAP): 91.2 / 75.0 (torchreid's model zoo, from ImageNet weights).

    python tools/train.py configs/reid/osnet/osnet_x0-25_market1501.py
"""

_base_ = "./osnet_x1-0_market1501.py"

model = dict(
    backbone=dict(width=0.25, init_cfg=dict(name="osnet_x0_25_imagenet")),
    heads=dict(whole=dict(in_channels=128)),
)

# torchreid's recipe for this width
train_cfg = dict(max_epochs=180)
train_dataloader = dict(batch_size=128)
optim_wrapper = dict(optimizer=dict(lr=3e-3))
param_scheduler = [dict(type="mmengine.MultiStepLR", milestones=[80], gamma=0.1)]
