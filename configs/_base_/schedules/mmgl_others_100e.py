"""MMGL's schedule for the pre-trainings it is compared with, without validation."""

_base_ = "./mmgl_pretrain_100e.py"

train_cfg = dict(val_interval=100)
val_cfg = None
test_cfg = None
