"""The paper's pre-training: a small learning rate for the backbone (Table 2)."""

_base_ = "./spnet_30e.py"

val_cfg = None
test_cfg = None
train_cfg = dict(val_interval=1000)
optim_wrapper = dict(
    optimizer=dict(lr=1e-4, weight_decay=1e-3),
    constructor="mmpsearch.MergedGroupsConstructor",
    paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.1, decay_mult=0.0))),
)
