"""BDB's training: Adam, 400 epochs; 1e-4 more every 5 epochs up to 1e-3 at epoch 45."""

train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=400, val_interval=50)
val_cfg = dict(type="mmengine.ValLoop")
test_cfg = dict(type="mmengine.TestLoop")
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="Adam", lr=1e-4, weight_decay=5e-4),
)
param_scheduler = [
    dict(type="mmengine.MultiStepLR", milestones=[5 * n], gamma=(n + 1) / n)
    for n in range(1, 10)
] + [dict(type="mmengine.MultiStepLR", milestones=[200, 300], gamma=0.1)]
