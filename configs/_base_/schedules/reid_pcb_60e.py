"""PCB's training: SGD, 60 epochs, the backbone at a tenth, a tenth of all at 40."""

train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=60, val_interval=20)
val_cfg = dict(type="mmengine.ValLoop")
test_cfg = dict(type="mmengine.TestLoop")
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="SGD", lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True),
    constructor="mmpsearch.MergedGroupsConstructor",
    paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.1))),
)
param_scheduler = [
    dict(type="mmengine.MultiStepLR", milestones=[40], gamma=0.1),
]
