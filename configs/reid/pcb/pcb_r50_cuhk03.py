"""PCB, ResNet-50 (Sun et al., ECCV 2018) on CUHK03-labelled.

Expected (mAP / rank-1): 59.5 / 69.9 from ImageNet weights, 58.3 / 72.8 from LUPerson's
MoCo, 60.1 / 74.1 from UP-ReID (UP-ReID, CVPR 2022, appendix).

    python tools/train.py configs/reid/pcb/pcb_r50_cuhk03.py
"""

_base_ = [
    "../../_base_/datasets/reid_cuhk03.py",
    "../../_base_/pipelines/reid_384x128.py",
    "../../_base_/models/reid_pcb_r50.py",
    "../../_base_/schedules/reid_pcb_60e.py",
    "../../_base_/default_runtime.py",
]
model = dict(num_identities={{_base_.num_identities}})
train_dataloader = {{_base_.pcb_train}}
val_dataloader = {{_base_.tall_test}}
test_dataloader = val_dataloader
