"""UP-ReID, ResNet-50, pre-trained on LUPerson from scratch (Tables 1 to 6).

Fine-tuned with MGN, mAP / rank-1 of the paper: CUHK03 (labelled) 85.3 / 87.6,
Market-1501 91.1 / 97.1, MSMT17 63.3 / 84.3. Published on 8 x RTX 2080 Ti, batch 800,
3 weeks; the number of epochs is lost.

    bash tools/dist_train.sh configs/up_reid/up-reid_r50_pretrain_luperson.py 8

Half the memory by ``--amp``. What the paper leaves open, and the option of each choice:
docs/up_reid.md. Momentum of the average, if the paper's 0.9 meant it:
``model.momentum=0.9``.
"""

_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/reid_luperson_contrast.py",
    "../_base_/datasets/probe_market1501.py",
    "../_base_/models/moco_r50.py",
    "../_base_/schedules/up_reid_pretrain_200e.py",
]
model = dict(
    type="mmpsearch.UPReID",
    grid=(4, 2),
    hard_mining=True,
    positives="inside",
    patch_temperature=0.1,
    global_weight=1.0,
    patch_weight=None,
    consistency_weight=1.0,
    kernel="rbf",
)
custom_hooks = _base_.pretraining_hooks
