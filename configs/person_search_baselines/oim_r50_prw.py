"""OIM, ResNet-50 (Xiao et al., CVPR 2017) on PRW.

Expected (mAP / top-1): 21.3 / 49.9, its paper.
Hardware and time are not published; later re-trainings reach about 85 mAP on
CUHK-SYSU.

    python tools/train.py configs/person_search_baselines/oim_r50_prw.py
"""

_base_ = [
    "../_base_/models/oim_r50.py",
    "../_base_/datasets/prw.py",
    "../_base_/pipelines/whole_images.py",
    "../_base_/schedules/oim_50k.py",
    "../_base_/default_runtime.py",
]

model = dict(
    reid_loss=dict(
        num_identities={{_base_.num_identities}},
        queue_size={{_base_.circular_queue_size}},
    ),
)
train_dataloader = dict(batch_size=2, dataset=dict(pipeline={{_base_.pipeline_600}}))
val_dataloader = dict(dataset=dict(pipeline={{_base_.test_pipeline_600}}))
test_dataloader = val_dataloader
default_hooks = dict(checkpoint=dict(by_epoch=False, interval=5000))
log_processor = dict(by_epoch=False)
