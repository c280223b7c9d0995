"""A small MoCo v2 on rendered crops of 64 x 32 pixels (not in the paper).

A ResNet-18 of 16 to 128 channels. Expected and measured numbers: see README.md beside
this file. Minutes on two CPU cores. The unlabelled people, of another seed, are none
of the benchmark's.

    python tools/dataset_tools/make_synthetic.py --layout luperson --seed 1000 \\
        --size 32x64 --identities 1000 --crops-per-identity 4 \\
        --out data/synthetic/luperson
    python tools/dataset_tools/make_synthetic.py --layout market1501 \\
        --out data/synthetic/market1501
    python tools/train.py configs/up_reid/moco_r18_pretrain_synthetic.py

Each crop before its own background:
``train_dataloader.dataset.pipeline.0.background=None``.
"""

_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/reid_luperson_contrast.py",
    "../_base_/datasets/probe_synthetic_64x32.py",
    "../_base_/models/moco_r50.py",
    "../_base_/schedules/up_reid_pretrain_200e.py",
]
custom_imports = dict(
    imports=["mmpsearch.registry", "mmpsearch.datasets.multi_image_mix"]
)
model = dict(
    backbone=dict(
        depth=18,
        stem_channels=16,
        base_channels=16,
        strides=(1, 2, 2, 1),
        zero_init_residual=True,  # as the row from scratch
    ),
    neck=dict(in_channels=128, hid_channels=128, out_channels=64),
    embed_dims=64,
    queue_size=1024,
    momentum=0.99,
    key_groups=2,
)
# What the published views (made for 256 x 128) need in order to teach anything at this
# size: crops in the proportions of people that overlap, colour casts (or the camera
# gives a picture away), no blur, no grey (clothes are told apart by their colours).
view = dict(
    size=(64, 32),
    original=False,
    area=(0.5, 1.0),
    aspect=(3 / 8, 2 / 3),
    mean=(80.07, 79.203, 89.8875),
    jitter=dict(brightness=0.4, contrast=0.4, saturation=0.4, cast=0.2),
    grey=0.0,
    blur=0.0,
    erase=0.5,
    erase_area=(0.02, 0.2),
    backend="cv2",
    # all views of a crop share its background, and may be matched by it
    background=dict(type="mmpsearch.SwapBackground", kept=(0.5, 0.8)),
)
train_dataloader = dict(
    batch_size=128,
    num_workers=1,
    dataset=dict(
        _delete_=True,
        type="mmpsearch.MultiImageMixDataset",
        dataset=dict(
            type="mmpsearch.LUPerson",
            data_root="data/synthetic/luperson",
            pipeline=[dict(type="mmpsearch.LoadImage")],
        ),
        pipeline=[
            dict(type="mmpsearch.ContrastViews", **view),
            dict(type="mmpsearch.PackViews"),
        ],
    ),
)
train_cfg = dict(max_epochs=16, val_interval=8)
# SGD (0.06) learns more slowly: 248 steps raised the linear probe's mAP from 0.05 to
# 0.06, those of AdamW to 0.11
optim_wrapper = dict(
    optimizer=dict(_delete_=True, type="AdamW", lr=2e-3, weight_decay=5e-4)
)
custom_hooks = _base_.pretraining_hooks
