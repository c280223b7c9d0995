"""SBS's and MGN's training in fast-reid: Adam, 60 epochs, flat, then a cosine.

Warm-up over 10 epochs, the cosine from epoch 30 on. The configs freeze the backbone
(with MGN's branches) for the first 10 epochs.
"""

train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=60, val_interval=20)
val_cfg = dict(type="mmengine.ValLoop")
test_cfg = dict(type="mmengine.TestLoop")
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="Adam", lr=3.5e-4, weight_decay=5e-4),
)
param_scheduler = [
    dict(
        type="mmengine.LinearLR",
        start_factor=0.1,
        end=10,
        convert_to_iter_based=True,
    ),
    dict(
        type="mmengine.CosineAnnealingLR",
        eta_min=7e-7,
        begin=30,
        end=60,
        convert_to_iter_based=True,
    ),
]
# SBS and MGN leave the backbone as it starts for ten epochs.
frozen_backbone = [
    dict(type="mmpsearch.FreezeParametersHook", prefixes=["backbone."], epochs=10)
]
