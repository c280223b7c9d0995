"""PersonViT's and TransReID-SSL's fine-tuning: SGD 4e-4, 120 epochs, warm-up 20.

Biases, those of layer norms too, learn at twice the rate, as released. The rate is that
of a batch of 64 (in the paper it grows in proportion). The released models were trained
with mixed precision (``--amp``).
"""

train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=120, val_interval=40)
val_cfg = dict(type="mmengine.ValLoop")
test_cfg = dict(type="mmengine.TestLoop")
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="SGD", lr=4e-4, momentum=0.9, weight_decay=1e-4),
    constructor="mmpsearch.MergedGroupsConstructor",
    # MMEngine's bias_lr_mult leaves out the biases of norms
    paramwise_cfg=dict(custom_keys={"bias": dict(lr_mult=2.0)}),
)
param_scheduler = [
    dict(
        type="mmpsearch.WarmupCosineLR",
        warmup=20,
        start=4e-6,
        minimum=8e-7,
        prefix=False,
    )
]
