"""DDAG's training: AGW's, with the first fall of the learning rate at epoch 30.

The hook tells the model where an epoch begins: the weight of its graph follows.
"""

_base_ = "./cross_modality_81e.py"

param_scheduler = [
    dict(type="mmengine.LinearLR", start_factor=0.1, by_epoch=True, end=10),
    dict(type="mmengine.MultiStepLR", milestones=[30, 50], gamma=0.1),
]
progress_hooks = [
    dict(type="mmpsearch.TrainingProgressHook"),
]
