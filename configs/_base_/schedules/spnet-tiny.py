"""Training of the small models from scratch: twelve epochs of a thousand pictures."""

train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=12, val_interval=12)
val_cfg = dict(type="mmengine.ValLoop")
test_cfg = dict(type="mmengine.TestLoop")
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="AdamW", lr=2e-3, weight_decay=1e-3),
    constructor="mmpsearch.MergedGroupsConstructor",
    paramwise_cfg=dict(norm_decay_mult=0.0, bias_decay_mult=0.0),
    clip_grad=dict(max_norm=5),
)
param_scheduler = [
    dict(
        type="mmpsearch.WarmupCosineLR",
        warmup=50,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
auto_scale_lr = dict(base_batch_size=8, enable=False)
