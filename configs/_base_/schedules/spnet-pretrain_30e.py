"""The paper's pre-training: a small learning rate for the backbone (Table 2).

The frozen backbone is probed after every fifth epoch.
"""

_base_ = "./spnet_30e.py"

val_cfg = dict(type="mmpsearch.FeatureProbeValLoop")
test_cfg = dict(type="mmpsearch.FeatureProbeTestLoop")
train_cfg = dict(val_interval=5)
optim_wrapper = dict(
    optimizer=dict(lr=1e-4, weight_decay=1e-3),
    constructor="mmpsearch.MergedGroupsConstructor",
    paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.1, decay_mult=0.0))),
)
