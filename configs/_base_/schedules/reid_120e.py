"""BoT's and AGW's training in fast-reid: Adam, 120 epochs, a tenth at 40 and at 90."""

train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=120, val_interval=30)
val_cfg = dict(type="mmengine.ValLoop")
test_cfg = dict(type="mmengine.TestLoop")
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="Adam", lr=3.5e-4, weight_decay=5e-4),
)
param_scheduler = [
    dict(type="mmengine.LinearLR", start_factor=0.1, by_epoch=False, end=2000),
    dict(type="mmengine.MultiStepLR", milestones=[40, 90], gamma=0.1),
]
