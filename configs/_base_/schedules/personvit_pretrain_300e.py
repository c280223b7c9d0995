"""PersonViT's pre-training: AdamW, 300 epochs, everything by iteration.

The learning rate is that of a batch of 256; it grows with the batch, to at most 0.002.
Weight decay 0.04 -> 0.4, clipping of every parameter at 3 and the frozen last layer of
the first epoch are iBOT's. One checkpoint of every 20 epochs is kept, and the last two.
Frozen features are probed before the first epoch and after every tenth.
"""

train_cfg = dict(type="mmengine.EpochBasedTrainLoop", max_epochs=300, val_interval=10)
val_cfg = dict(type="mmpsearch.FeatureProbeValLoop", backbone="teacher.backbone")
test_cfg = dict(type="mmpsearch.FeatureProbeTestLoop", backbone="teacher.backbone")
optim_wrapper = dict(
    type="mmpsearch.ClipEachOptimWrapper",
    constructor="mmpsearch.DecayGroupsConstructor",
    clip_grad=dict(max_norm=3.0),
    optimizer=dict(type="AdamW", lr=5e-4, weight_decay=0.04),
)
param_scheduler = [
    dict(
        type="mmpsearch.WarmupCosineLR",
        warmup=10,
        warmup_by_epoch=True,
        peak_in_warmup=True,
        start=0.0,
        minimum=1e-6,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
    dict(
        type="mmpsearch.CosineWeightDecay",
        final=0.4,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]
pretraining_hooks = [
    dict(type="mmpsearch.ValidateBeforeTrainingHook"),
    dict(type="mmpsearch.TrainingProgressHook"),
    dict(
        type="mmpsearch.FreezeParametersHook",
        prefixes=["student.head.last_layer"],
        epochs=1,
    ),
    dict(
        type="mmpsearch.SafeCheckpointHook",
        interval=20,
        filename_tmpl="kept_epoch_{}.pth",
        save_last=False,
    ),
]
