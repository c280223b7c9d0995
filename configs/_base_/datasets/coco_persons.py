"""COCOPersons for pre-training: ``rrc_scale``, four images with two views each.

The paper's own reading of the scale: ``train_dataloader.dataset.pipeline.1.
scale_range="(0.5, 2.0)"``. The noise study: ``train_dataloader.dataset.label_noise.
percent=60``. There are no identities to search for, hence no test.
"""

train_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.RandomScale", scale_range=(1.5, 3.0)),
    dict(type="mmpsearch.RandomCropPair", size=512, pad_factor=4),
    dict(type="mmpsearch.RandomHorizontalFlip", prob=0.5),
    dict(type="mmpsearch.PackPersonSearchInputs"),
]
train_dataloader = dict(
    batch_size=8,
    num_workers=8,
    persistent_workers=True,
    pin_memory=True,
    collate_fn=dict(type="mmpsearch.stack_views"),
    sampler=dict(type="mmpsearch.ViewSampler", views=2, shuffle=True),
    dataset=dict(
        type="mmpsearch.COCOPersons",
        data_root="data/coco",
        split="train",
        pipeline=train_pipeline,
    ),
)
