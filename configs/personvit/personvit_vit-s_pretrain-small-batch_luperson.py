"""PersonViT*, ViT-S/16, pre-trained on LUPerson with a small batch (Table 2).

Fine-tuned, mAP / rank-1 of the paper: MSMT17 70.9 / 87.3, Market-1501 92.1 / 96.4,
DukeMTMC-reID 83.6 / 91.6, Occluded-Duke 61.5 / 70.8. Published on 4 x RTX 3090; time
and batch are not stated. Here 64 per GPU: learning rate 0.0005 * 256 / 256.

    bash tools/dist_train.sh \\
        configs/personvit/personvit_vit-s_pretrain-small-batch_luperson.py 4 --amp
"""

_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/reid_luperson_views.py",
    "../_base_/datasets/probe_market1501.py",
    "../_base_/models/personvit_vit-s.py",
    "../_base_/schedules/personvit_pretrain_300e.py",
]
custom_hooks = _base_.pretraining_hooks
