"""SpCL's training in OpenUnReID: Adam 3.5e-4, 50 epochs, a tenth after every 20.

An epoch is 400 iterations, see the data loader's sampler.
"""

train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=50, val_interval=5)
val_cfg = dict(type="mmengine.ValLoop")
test_cfg = dict(type="mmengine.TestLoop")
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="Adam", lr=3.5e-4, weight_decay=5e-4),
)
param_scheduler = [dict(type="mmengine.MultiStepLR", milestones=[20, 40], gamma=0.1)]
