"""A small MoCo v2 on rendered crops of 64 x 32 pixels (not in the paper).

A ResNet-18 of 16 to 128 channels. Expected and measured numbers: see README.md beside
this file. Minutes on two CPU cores.

    python tools/dataset_tools/make_synthetic.py --layout luperson --size 32x64 \\
        --identities 1000 --crops-per-identity 4 --out data/synthetic/luperson
    python tools/train.py configs/up_reid/moco_r18_pretrain_synthetic.py
"""

_base_ = [
    "../_base_/datasets/reid_luperson_contrast.py",
    "../_base_/models/moco_r50.py",
    "../_base_/schedules/up_reid_200e.py",
]
model = dict(
    backbone=dict(depth=18, stem_channels=16, base_channels=16, strides=(1, 2, 2, 1)),
    neck=dict(in_channels=128, hid_channels=128, out_channels=64),
    embed_dims=64,
    queue_size=1024,
    momentum=0.99,
)
train_dataloader = dict(
    batch_size=64,
    num_workers=1,
    dataset=dict(
        data_root="data/synthetic/luperson",
        pipeline=[
            dict(type="mmpsearch.LoadImage"),
            dict(
                type="mmpsearch.ContrastViews",
                size=(64, 32),
                original=False,
                mean=(80.07, 79.203, 89.8875),
            ),
            dict(type="mmpsearch.PackViews"),
        ],
    ),
)
train_cfg = dict(max_epochs=8)
optim_wrapper = dict(optimizer=dict(lr=0.06))
