"""DKD's training: SGD, four images, a tenth at 30,000 of 50,000 iterations.

The paper says 5 x 10^5 iterations, which with a decay at 3 x 10^4 seems a misprint:
``train_cfg.max_iters=500000``.
"""

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
    dict(type="mmengine.LinearLR", start_factor=0.001, by_epoch=False, end=500),
    dict(type="mmengine.MultiStepLR", by_epoch=False, milestones=[30000], gamma=0.1),
]
auto_scale_lr = dict(base_batch_size=4, enable=False)
