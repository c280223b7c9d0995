"""PersonViT, ViT-B/16, as `personvit_vit-b_pretrain_luperson.py`, in less memory.

Weights, gradients and AdamW's moments are shared out among the GPUs (PyTorch's FSDP2),
and the activations of the student's blocks are made again in the backward pass: for
larger batches per GPU, or larger networks. The steps are the same but for rounding. The
features are not probed while it trains: `tools/test.py` probes a checkpoint, by the
other config.

    NNODES=8 NODE_RANK=$RANK MASTER_ADDR=$HOST bash tools/dist_train.sh \\
        configs/personvit/personvit_vit-b_pretrain-sharded_luperson.py 8 --amp bf16
"""

_base_ = ["./personvit_vit-b_pretrain_luperson.py"]

runner_type = "mmengine.FlexibleRunner"
strategy = dict(
    type="mmpsearch.FullyShardStrategy",
    units=["student.backbone.blocks", "teacher.backbone.blocks"],
    activation_checkpointing=["student.backbone.blocks"],
)
val_dataloader = None
val_evaluator = None
val_cfg = None
custom_hooks = _base_.pretraining_hooks[1:]  # without the probe before training
