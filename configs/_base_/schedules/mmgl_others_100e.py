"""MMGL's schedule for the pre-trainings it is compared with; testing is a probe."""

_base_ = "./mmgl_pretrain_100e.py"

test_cfg = dict(type="mmpsearch.FeatureProbeTestLoop")
