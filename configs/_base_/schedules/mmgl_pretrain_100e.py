"""MMGL's pre-training: SGD 0.1, 100 epochs, ten of warm-up, then cosine to 0.

Frozen features are probed before the first epoch and after every tenth.
"""

train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=100, val_interval=10)
val_cfg = dict(type="mmpsearch.FeatureProbeValLoop")
test_cfg = dict(type="mmengine.TestLoop")
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="SGD", lr=0.1, momentum=0.9, weight_decay=5e-4),
)
param_scheduler = [
    dict(type="mmengine.LinearLR", start_factor=0.1, by_epoch=True, end=10),
    dict(type="mmengine.CosineAnnealingLR", by_epoch=True, begin=10, end=100, T_max=90),
]
pretraining_hooks = [dict(type="mmpsearch.ValidateBeforeTrainingHook")]
