"""The teacher's training as stated: SGD, 240 epochs, batch 64, 3.5e-4.

The steps are BoT's, scaled from 120 epochs. 3.5e-4 is BoT's rate for Adam; with it:
``optim_wrapper.optimizer._delete_=True optim_wrapper.optimizer.type=Adam
optim_wrapper.optimizer.lr=3.5e-4 optim_wrapper.optimizer.weight_decay=5e-4``.
"""

train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=240)
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="SGD", lr=3.5e-4, momentum=0.9, weight_decay=5e-4),
)
param_scheduler = [
    dict(
        type="mmengine.LinearLR",
        start_factor=0.01,
        by_epoch=True,
        begin=0,
        end=10,
        convert_to_iter_based=True,
    ),
    dict(type="mmengine.MultiStepLR", milestones=[80, 140], gamma=0.1),
]
