"""LUPerson, without labels: query view, key view and original image of every crop.

``data_root`` is any folder with pictures. Part of them: ``dataset.fraction``. The batch
size is per process: 8 of them make the published 800. What is erased gets the mean
colour of the model's normalisation.
"""

train_dataloader = dict(
    batch_size=100,
    num_workers=10,
    persistent_workers=True,
    pin_memory=True,
    collate_fn=dict(type="mmpsearch.stack_views"),
    drop_last=True,
    sampler=dict(type="mmpsearch.ViewSampler"),
    dataset=dict(
        type="mmpsearch.LUPerson",
        data_root="data/LUPerson",
        pipeline=[
            dict(type="mmpsearch.LoadImage"),
            dict(
                type="mmpsearch.ContrastViews",
                size=(256, 128),
                original=True,
                mean=(80.07, 79.203, 89.8875),
            ),
            dict(type="mmpsearch.PackViews"),
        ],
    ),
)
