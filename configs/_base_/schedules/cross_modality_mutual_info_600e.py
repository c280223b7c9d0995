"""Training of variational distillation: Adam, ten epochs of warm-up, a tenth at 210."""

train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=600, val_interval=30)
val_cfg = dict(type="mmengine.ValLoop")
test_cfg = dict(type="mmengine.TestLoop")
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="Adam", lr=2.6e-4, weight_decay=5e-4),
)
param_scheduler = [
    dict(type="mmengine.LinearLR", start_factor=0.01, by_epoch=True, end=11),
    dict(type="mmengine.MultiStepLR", milestones=[210], gamma=0.1),
]
