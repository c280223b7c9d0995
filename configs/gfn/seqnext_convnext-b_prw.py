"""SeqNeXt alone, ConvNeXt-B, on PRW: trained without a filter ("none").

The objective table of the ablations; its numbers are in the paper's body, which is
not stated in the public repository.

    python tools/train.py configs/gfn/seqnext_convnext-b_prw.py --amp
"""

_base_ = [
    "../_base_/models/seqnext_convnext-b.py",
    "../_base_/datasets/prw.py",
    "../_base_/schedules/gfn_30e.py",
    "../_base_/default_runtime.py",
]

model = dict(
    reid_loss=dict(
        num_identities={{_base_.num_identities}},
        queue_size={{_base_.circular_queue_size}},
    ),
)
train_dataloader = dict(
    batch_size=8, dataset=dict(pipeline={{_base_.gfn_train_pipeline}})
)
val_evaluator = dict(confidence_weighted=True)
test_evaluator = val_evaluator
