"""Pre-training of the small models: two views of a thousand pictures, three times."""

_base_ = "./spnet-tiny.py"

val_cfg = None
test_cfg = None
train_cfg = dict(max_epochs=3, val_interval=1000)
