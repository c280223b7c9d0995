"""SYSU-MM01: training on 395 people, infrared queries searched among visible pictures.

288 x 144 pixels, AGW's augmentation and batches: 8 people with 4 visible and 4
infrared pictures each, ``[all RGB; all IR]``. ``batch_size`` is the sampler's
``num_identities`` times ``num_instances`` times 2, per process. Testing embeds every
test picture once; the metric forms all-search and indoor-search, single-shot and
multi-shot galleries of the 10 trials from them.
"""

num_identities = 395

resize = dict(
    type="mmcv.Resize", scale=(144, 288), interpolation="lanczos", backend="pillow"
)
train_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    resize,
    dict(type="mmpsearch.PadCrop", padding=10, pad_value=0),
    dict(type="mmcv.RandomFlip", prob=0.5),
    dict(type="mmpsearch.PackReIDInputs"),
]
test_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    resize,
    dict(type="mmpsearch.PackReIDInputs"),
]
dataset = dict(type="mmpsearch.SYSUMM01", data_root="data/SYSU-MM01")
train_dataloader = dict(
    batch_size=64,
    num_workers=4,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(
        type="mmpsearch.CrossModalityIdentityBatchSampler",
        num_identities=8,
        num_instances=4,
    ),
    dataset=dict(split="trainval", pipeline=train_pipeline, **dataset),
)
val_dataloader = dict(
    batch_size=128,
    num_workers=4,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type="mmengine.DefaultSampler", shuffle=False),
    dataset=dict(split="test", pipeline=test_pipeline, **dataset),
)
test_dataloader = val_dataloader
val_evaluator = dict(
    type="mmpsearch.SYSUMM01Metric",
    mode=("all", "indoor"),
    shot=("single", "multi"),
    protocol="python",
)
test_evaluator = val_evaluator
