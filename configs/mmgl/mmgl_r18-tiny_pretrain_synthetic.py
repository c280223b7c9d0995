"""A small MMGL on rendered people, 96 x 48 pixels (not in the paper).

A two-stream ResNet-18 a quarter as wide; its feature map has a row per stripe. Trained
on 113 people without labels, the permutation accuracy is that of 37 others (``val``).
Expected and measured numbers: see README.md beside this file. Minutes on a CPU core.

    python tools/dataset_tools/make_synthetic.py --layout sysu_mm01 \\
        --out data/synthetic/sysu_mm01
    python tools/train.py configs/mmgl/mmgl_r18-tiny_pretrain_synthetic.py
"""

_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/sysu_mm01_pretrain.py",
    "../_base_/models/mmgl_r50.py",
    "../_base_/schedules/mmgl_pretrain_100e.py",
]
model = dict(
    backbone=dict(depth=18, stem_channels=16, base_channels=16),
    permutation_head=dict(in_channels=128),
    part_neck=dict(in_channels=128, embed_dims=64),
)
resize = dict(type="mmcv.Resize", scale=(48, 96))
train_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    resize,
    dict(type="mmpsearch.PadCrop", padding=2),
    dict(type="mmcv.RandomFlip", prob=0.5),
    dict(type="mmpsearch.PackReIDInputs"),
]
test_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    resize,
    dict(type="mmpsearch.PackReIDInputs"),
]
dataset = dict(data_root="data/synthetic/sysu_mm01")
train_dataloader = dict(
    batch_size=24,
    num_workers=1,
    sampler=dict(num_per_modality=12),
    dataset=dict(partition="train", pipeline=train_pipeline, **dataset),
)
val_dataloader = dict(
    batch_size=64, num_workers=1, dataset=dict(pipeline=test_pipeline, **dataset)
)
test_dataloader = val_dataloader
train_cfg = dict(max_epochs=16, val_interval=8)
optim_wrapper = dict(
    optimizer=dict(_delete_=True, type="AdamW", lr=2e-3, weight_decay=5e-4)
)
param_scheduler = [
    dict(
        type="mmpsearch.WarmupCosineLR",
        warmup=20,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
