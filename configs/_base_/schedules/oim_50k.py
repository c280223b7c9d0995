"""OIM's training: SGD, two images, 50,000 iterations, a tenth at 40,000."""

train_cfg = dict(
    type="mmengine.IterBasedTrainLoop", max_iters=50000, val_interval=50000
)
val_cfg = dict(type="mmengine.ValLoop")
test_cfg = dict(type="mmengine.TestLoop")
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="SGD", lr=0.001, momentum=0.9, weight_decay=5e-4),
)
param_scheduler = [
    dict(type="mmengine.MultiStepLR", by_epoch=False, milestones=[40000], gamma=0.1)
]
auto_scale_lr = dict(base_batch_size=2, enable=False)
