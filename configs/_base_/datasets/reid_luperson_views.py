"""LUPerson, without labels: 2 global and 6 local views of every crop.

``data_root`` is any folder with pictures. Part of them: ``dataset.fraction``; the first
of a list with the best first: ``dataset.image_list`` and ``dataset.choice='first'``.
The batch size is per process.
"""

train_dataloader = dict(
    batch_size=64,
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
            dict(type="mmpsearch.PersonViews"),
            dict(type="mmpsearch.PatchMasks", grid=(16, 8)),
            dict(type="mmpsearch.PackViews"),
        ],
    ),
)
