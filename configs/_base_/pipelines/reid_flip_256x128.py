"""torchreid's softmax recipe: 256 x 128, flips alone; batches of 64 at random."""

flip_train_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmcv.Resize", scale=(128, 256), backend="pillow"),
    dict(type="mmcv.RandomFlip", prob=0.5),
    dict(type="mmpsearch.PackReIDInputs"),
]
flip_test_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmcv.Resize", scale=(128, 256), backend="pillow"),
    dict(type="mmpsearch.PackReIDInputs"),
]

# What the configs of the recipe change in the loaders of their data set.
flip_train = dict(
    sampler=dict(_delete_=True, type="mmpsearch.ViewSampler"),
    dataset=dict(pipeline=flip_train_pipeline),
)
flip_test = dict(dataset=dict(pipeline=flip_test_pipeline))
