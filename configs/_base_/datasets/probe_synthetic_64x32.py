"""Probe of a pre-training's frozen features, on rendered crops of 64 x 32 pixels.

The rendered benchmark in Market-1501's layout: nearest neighbours of the 80 test
people, and a linear classifier of the 150 training people. ``val_cfg``, which names the
backbone, is the schedule's. Any other set: ``val_dataloader.dataset.dataset``.
Without a probe: ``val_cfg=None val_dataloader=None val_evaluator=None``.
"""

val_dataloader = dict(
    batch_size=128,
    num_workers=1,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type="mmengine.DefaultSampler", shuffle=False),
    dataset=dict(
        type="mmpsearch.FeatureProbeSet",
        dataset=dict(
            type="mmpsearch.Market1501",
            data_root="data/synthetic/market1501",
            pipeline=[
                dict(type="mmpsearch.LoadImage"),
                dict(type="mmcv.Resize", scale=(32, 64)),
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
