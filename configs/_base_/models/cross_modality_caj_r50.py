"""CAJ, ResNet-50: AGW's network, channel exchange, signed squares, flip test."""

_base_ = "./cross_modality_agw_r50.py"

model = dict(
    type="mmpsearch.MirrorTestedReIDModel",
    data_preprocessor=dict(type="mmpsearch.ChannelExchangePreprocessor"),
    metric_losses=dict(triplet=dict(loss=dict(squared=True))),
)
