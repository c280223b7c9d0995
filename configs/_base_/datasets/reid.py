"""Loaders of the real re-identification sets: 256 x 128, batches of 16 people x 4.

Random erasing fills with the normaliser's mean, which is what erasing with 0 after
normalisation does. ``batch_size`` must be the sampler's ``num_identities`` times
``num_instances``; both are per process.
"""

reid_resize = dict(
    type="mmcv.Resize", scale=(128, 256), interpolation="bicubic", backend="pillow"
)
train_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    reid_resize,
    dict(type="mmcv.RandomFlip", prob=0.5),
    dict(type="mmpsearch.PadCrop", padding=10),
    dict(type="mmpsearch.RandomErasing", prob=0.5, value="mean"),
    dict(type="mmpsearch.PackReIDInputs"),
]
test_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    reid_resize,
    dict(type="mmpsearch.PackReIDInputs"),
]
train_dataloader = dict(
    batch_size=64,
    num_workers=8,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type="mmpsearch.IdentitySampler", num_identities=16, num_instances=4),
    dataset=dict(split="train", pipeline=train_pipeline),
)
val_dataloader = dict(
    batch_size=128,
    num_workers=8,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type="mmengine.DefaultSampler", shuffle=False),
    dataset=dict(split="test", pipeline=test_pipeline),
)
test_dataloader = val_dataloader
val_evaluator = dict(type="mmpsearch.ReIDMetric")
test_evaluator = val_evaluator
