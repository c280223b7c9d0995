"""Training of the small model on rendered crops: AdamW 1e-3, 40 epochs, cosine."""

train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=40, val_interval=40)
val_cfg = dict(type="mmengine.ValLoop")
test_cfg = dict(type="mmengine.TestLoop")
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
