"""AGW's training: SGD 0.1, the backbone a tenth of it, 81 epochs, a tenth at 20 and 50.

The first ten epochs warm up, (epoch + 1) / 10.
"""

train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=81, val_interval=27)
val_cfg = dict(type="mmengine.ValLoop")
test_cfg = dict(type="mmengine.TestLoop")
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="SGD", lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True),
    constructor="mmpsearch.MergedGroupsConstructor",
    paramwise_cfg=dict(custom_keys={"backbone": dict(lr_mult=0.1)}),
)
param_scheduler = [
    dict(type="mmengine.LinearLR", start_factor=0.1, by_epoch=True, end=10),
    dict(type="mmengine.MultiStepLR", milestones=[20, 50], gamma=0.1),
]
