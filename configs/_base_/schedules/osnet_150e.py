"""torchreid's training of OSNet: AMSGrad, 150 epochs, a tenth at 60.

For 10 epochs only the classifier learns.
"""

train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=150, val_interval=30)
val_cfg = dict(type="mmengine.ValLoop")
test_cfg = dict(type="mmengine.TestLoop")
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="Adam", lr=1.5e-3, weight_decay=5e-4, amsgrad=True),
)
param_scheduler = [dict(type="mmengine.MultiStepLR", milestones=[60], gamma=0.1)]
frozen_at_first = [
    dict(
        type="mmpsearch.FreezeParametersHook",
        prefixes=("backbone.", "heads."),
        epochs=10,
    ),
]
