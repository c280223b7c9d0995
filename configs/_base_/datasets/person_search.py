"""Loaders of the real person-search sets: batch 8 of 512 x 512 crops, full-size tests.

Training is the paper's ``rrc2``, testing its ``wrs``. A set's own file adds the
class and the folder. Views and crop size of another recipe:
``train_dataloader.sampler.views=2``, ``train_dataloader.dataset.pipeline.2.size=1024``.
"""

train_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.WindowResize", short=900, long=1500),
    dict(type="mmpsearch.RandomCropPair", size=512, pad_factor=3),
    dict(type="mmpsearch.RandomHorizontalFlip", prob=0.5),
    dict(type="mmpsearch.PackPersonSearchInputs"),
]
test_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.WindowResize", short=900, long=1500),
    dict(type="mmpsearch.PackPersonSearchInputs"),
]
train_dataloader = dict(
    batch_size=8,
    num_workers=8,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type="mmpsearch.ViewSampler", views=1, shuffle=True),
    dataset=dict(split="train", pipeline=train_pipeline),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type="mmengine.DefaultSampler", shuffle=False),
    dataset=dict(split="test", pipeline=test_pipeline),
)
test_dataloader = val_dataloader
val_evaluator = dict(type="mmpsearch.PersonSearchMetric")
test_evaluator = val_evaluator
