"""SOLIDER's fine-tuning: SGD 2e-4, 120 epochs, warm-up 20.

Swin-T learns at 8e-4. Biases learn at twice the rate. The rate is that of a batch of
64. The released models were trained with mixed precision (``--amp``).
"""

train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=120, val_interval=40)
val_cfg = dict(type="mmengine.ValLoop")
test_cfg = dict(type="mmengine.TestLoop")
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="SGD", lr=2e-4, momentum=0.9, weight_decay=1e-4),
    constructor="mmpsearch.MergedGroupsConstructor",
    paramwise_cfg=dict(bias_lr_mult=2.0),
)
warmup_cosine = dict(type="mmpsearch.WarmupCosineLR", warmup=20, prefix=False)
param_scheduler = [dict(start=2e-6, minimum=4e-7, **warmup_cosine)]
