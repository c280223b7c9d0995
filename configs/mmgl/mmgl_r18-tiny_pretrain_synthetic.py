"""A small MMGL on rendered people, 96 x 48 pixels (not in the paper).

A two-stream ResNet-18 a quarter as wide; its feature map has a row per stripe. 48
pictures of each modality, 1,500 steps, on 113 people without labels; the permutation
accuracy is that of 37 others (``val``), the frozen backbone is probed on the test
people. Expected and measured numbers: see README.md beside this file. About ten minutes
of one CPU core.

    python tools/dataset_tools/make_synthetic.py --layout sysu_mm01 \\
        --out data/synthetic/sysu_mm01
    python tools/train.py configs/mmgl/mmgl_r18-tiny_pretrain_synthetic.py

One shuffle for a whole batch: ``model.data_preprocessor.shuffle=batch``.
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
    num_workers=1, dataset=dict(split="train", pipeline=train_pipeline, **dataset)
)
val_dataloader = dict(
    num_workers=1, dataset=dict(dataset=dict(pipeline=test_pipeline, **dataset))
)
test_dataloader = dict(num_workers=1, dataset=dict(pipeline=test_pipeline, **dataset))
# an epoch has 29 batches
train_cfg = dict(max_epochs=52, val_interval=13)
val_cfg = dict(
    also=dict(
        dataloader=dict(
            batch_size=128,
            num_workers=1,
            sampler=dict(type="mmengine.DefaultSampler", shuffle=False),
            dataset=dict(
                type="mmpsearch.SYSUMM01",
                split="val",
                pipeline=test_pipeline,
                **dataset,
            ),
        ),
        evaluator={{_base_.test_evaluator}},
    )
)
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
custom_hooks = _base_.pretraining_hooks
