"""Loaders of the rendered sets: pictures of 224 x 336 pixels, shown at 168 x 252.

Rendered by ``tools/dataset_tools/make_synthetic.py``; one worker, for two cores.
"""

train_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.WindowResize", short=168, long=252),
    dict(type="mmpsearch.RandomScaleShift", scale_range=(0.8, 1.25)),
    dict(type="mmpsearch.RandomHorizontalFlip", prob=0.5),
    dict(type="mmpsearch.ColorJitter"),
    dict(type="mmpsearch.PackPersonSearchInputs"),
]
test_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.WindowResize", short=168, long=252),
    dict(type="mmpsearch.PackPersonSearchInputs"),
]
train_dataloader = dict(
    batch_size=8,
    num_workers=1,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type="mmpsearch.ViewSampler", views=1, shuffle=True),
    dataset=dict(split="train", pipeline=train_pipeline),
)
val_dataloader = dict(
    batch_size=8,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type="mmengine.DefaultSampler", shuffle=False),
    dataset=dict(split="test", pipeline=test_pipeline),
)
test_dataloader = val_dataloader
val_evaluator = dict(type="mmpsearch.PersonSearchMetric")
test_evaluator = val_evaluator
