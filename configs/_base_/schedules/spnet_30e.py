"""The paper's training: AdamW, 30 epochs, warm-up then cosine to zero (section 4.2)."""

train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=30, val_interval=30)
val_cfg = dict(type="mmengine.ValLoop")
test_cfg = dict(type="mmengine.TestLoop")
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="AdamW", lr=1e-4, weight_decay=5e-4),
    clip_grad=dict(max_norm=10),
)
param_scheduler = [
    dict(
        type="mmpsearch.WarmupCosineLR",
        warmup=1000,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
auto_scale_lr = dict(base_batch_size=8, enable=False)
