"""UP-ReID's and MoCo's pre-training: SGD, 200 epochs, a cosine by epoch.

The paper says SGD and a batch of 800; its rate is lost. LUPerson's, 0.3 for 2,560,
scales to 0.094. One checkpoint of every 20 epochs is kept, and the last two. Frozen
features are probed before the first epoch and after every tenth.
"""

train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=200, val_interval=10)
val_cfg = dict(type="mmpsearch.FeatureProbeValLoop", backbone="online.backbone")
test_cfg = dict(type="mmpsearch.FeatureProbeTestLoop", backbone="online.backbone")
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="SGD", lr=0.1, momentum=0.9, weight_decay=1e-4),
)
param_scheduler = [dict(type="mmpsearch.WarmupCosineLR", warmup=0)]
pretraining_hooks = [
    dict(type="mmpsearch.ValidateBeforeTrainingHook"),
    dict(type="mmpsearch.TrainingProgressHook"),
    dict(
        type="mmpsearch.SafeCheckpointHook",
        interval=20,
        filename_tmpl="kept_epoch_{}.pth",
        save_last=False,
    ),
]
