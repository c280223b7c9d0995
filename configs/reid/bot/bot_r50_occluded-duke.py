"""BoT, ResNet-50 (Luo et al., CVPRW 2019) on Occluded-Duke.

No number of this recipe is published for this set.

    python tools/train.py configs/reid/bot/bot_r50_occluded-duke.py
"""

_base_ = [
    "../../_base_/datasets/reid_occluded_duke.py",
    "../../_base_/models/reid_bot_r50.py",
    "../../_base_/schedules/reid_120e.py",
    "../../_base_/default_runtime.py",
]
model = dict(num_identities={{_base_.num_identities}})
