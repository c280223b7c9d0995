"""Rendered people without identities in COCO's layout: two views per picture.

Rendered by ``make_synthetic.py --layout coco --out data/synthetic/coco``. Their
pre-training is probed on rendered crops (``--layout market1501``), as
probe_synthetic_64x32.py says, which also says how to do without.
"""

_base_ = "./synthetic.py"

train_dataloader = dict(
    sampler=dict(views=2),
    dataset=dict(type="mmpsearch.COCOPersons", data_root="data/synthetic/coco"),
)
val_dataloader = dict(
    _delete_=True,
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
    _delete_=True,
    type="mmpsearch.FeatureProbeMetric",
    metric=dict(type="mmpsearch.ReIDMetric"),
)
test_dataloader = val_dataloader
test_evaluator = val_evaluator
