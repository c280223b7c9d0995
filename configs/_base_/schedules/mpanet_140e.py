"""MPANet's training: Adam, 140 epochs, a tenth at 80 and 120.

The hook tells the model how far it is: the averages of its classifiers follow.
"""

train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=140, val_interval=20)
val_cfg = dict(type="mmengine.ValLoop")
test_cfg = dict(type="mmengine.TestLoop")
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="Adam", lr=3.5e-4, weight_decay=5e-4),
)
param_scheduler = [
    dict(type="mmengine.MultiStepLR", milestones=[80, 120], gamma=0.1),
]
progress_hooks = [
    dict(type="mmpsearch.TrainingProgressHook"),
]
