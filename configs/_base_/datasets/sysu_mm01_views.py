"""SYSU-MM01 without labels: two views of 48 RGB and 48 infrared pictures a batch.

The same pictures as MMGL's pre-training. Views are cropped, made grey, blurred and
flipped; colours are not shifted, which infrared pictures do not have. Probed as MMGL's.
"""

train_dataloader = dict(
    batch_size=96,
    num_workers=4,
    persistent_workers=True,
    pin_memory=True,
    collate_fn=dict(type="mmpsearch.stack_views"),
    drop_last=True,
    sampler=dict(type="mmpsearch.ModalityBalancedBatchSampler", num_per_modality=48),
    dataset=dict(
        type="mmpsearch.SYSUMM01",
        data_root="data/SYSU-MM01",
        split="trainval",
        pipeline=[
            dict(type="mmpsearch.LoadImage"),
            dict(
                type="mmpsearch.ContrastViews",
                size=(288, 144),
                original=False,
                erase=0.0,
            ),
            dict(type="mmpsearch.PackViews"),
        ],
    ),
)
val_dataloader = dict(
    batch_size=128,
    num_workers=4,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type="mmengine.DefaultSampler", shuffle=False),
    dataset=dict(
        type="mmpsearch.FeatureProbeSet",
        train=dict(split="val"),
        dataset=dict(
            type="mmpsearch.SYSUMM01",
            data_root="data/SYSU-MM01",
            pipeline=[
                dict(type="mmpsearch.LoadImage"),
                dict(
                    type="mmcv.Resize",
                    scale=(144, 288),
                    interpolation="lanczos",
                    backend="pillow",
                ),
                dict(type="mmpsearch.PackReIDInputs"),
            ],
        ),
    ),
)
val_evaluator = dict(
    type="mmpsearch.FeatureProbeMetric", metric=dict(type="mmpsearch.SYSUMM01Metric")
)
test_dataloader = val_dataloader
test_evaluator = val_evaluator
