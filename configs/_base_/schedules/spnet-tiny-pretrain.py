"""Pre-training of the small models: two views of a thousand pictures, three times."""

_base_ = "./spnet-tiny.py"

val_cfg = dict(type="mmpsearch.FeatureProbeValLoop")
test_cfg = dict(type="mmpsearch.FeatureProbeTestLoop")
train_cfg = dict(max_epochs=3, val_interval=1)
