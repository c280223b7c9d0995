"""Probe of a pre-training's frozen features, on Market-1501.

Nearest neighbours of its test people, and a linear classifier of a quarter of its
training people (188), which is enough to compare checkpoints by and takes seconds.
``val_cfg`` names the backbone and is the schedule's. Another set:
``val_dataloader.dataset.dataset``. Without a probe, where Market-1501 is not at hand:
``val_cfg=None val_dataloader=None val_evaluator=None``.
"""

val_dataloader = dict(
    batch_size=128,
    num_workers=8,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type="mmengine.DefaultSampler", shuffle=False),
    dataset=dict(
        type="mmpsearch.FeatureProbeSet",
        train=dict(identity_fraction=0.25),
        dataset=dict(
            type="mmpsearch.Market1501",
            data_root="data/Market-1501-v15.09.15",
            pipeline=[
                dict(type="mmpsearch.LoadImage"),
                dict(type="mmcv.Resize", scale=(128, 256), interpolation="bicubic"),
                dict(type="mmpsearch.PackReIDInputs"),
            ],
        ),
    ),
)
val_evaluator = dict(
    type="mmpsearch.FeatureProbeMetric", metric=dict(type="mmpsearch.ReIDMetric")
)
test_dataloader = val_dataloader
test_evaluator = val_evaluator
