"""DKD's teacher: BoT (ResNet-50, last stride 1, BNNeck) with softmax loss alone."""

_base_ = "./reid_bot_r50.py"

model = dict(metric_losses=dict(_delete_=True))
