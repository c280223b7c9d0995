"""Pre-training of the small models: two views of a thousand pictures, three times."""

_base_ = "./spnet-tiny.py"

val_cfg = None
test_cfg = None
train_cfg = dict(max_epochs=3, val_interval=1000)
param_scheduler = [
    dict(
        type="mmpsearch.WarmupCosineLR",
        epochs=3,
        warmup=50,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
