"""The small DKD's teacher on the rendered benchmark (not in the paper), with ISA.

Expected: see docs/two_stage.md. Render the data first:

    python tools/dataset_tools/make_synthetic.py --layout prw --out data/synthetic/prw
    python tools/train.py configs/dkd/teacher-r2-tiny_r18_synthetic.py
"""

_base_ = [
    "../_base_/models/reid_bot_r18-narrow.py",
    "../_base_/pipelines/distillation.py",
    "../_base_/default_runtime.py",
]

model = dict(num_identities=150, metric_losses=dict(_delete_=True))
train_dataloader = dict(
    batch_size=48,
    num_workers=1,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type="mmpsearch.ViewSampler", shuffle=True),
    dataset=dict(
        type="mmpsearch.SceneCrops",
        scenes=dict(type="mmpsearch.PRW", data_root="data/synthetic/prw"),
        pipeline={{_base_.teacher_pipeline_synthetic}},
    ),
)
train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=30)
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="AdamW", lr=1e-3, weight_decay=5e-4),
)
param_scheduler = [
    dict(
        type="mmpsearch.WarmupCosineLR",
        warmup=20,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
