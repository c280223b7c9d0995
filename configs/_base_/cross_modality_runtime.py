"""What runs of AGW's kind have in common: statistics of batch norms computed anew.

Their learning rate is high and their pooling and blocks take powers, so that running
statistics of earlier weights give no finite embedding in the first epochs.
``default_hooks.precise_batch_norm=None`` tests with the running ones, as published.
"""

_base_ = "./default_runtime.py"

default_hooks = dict(
    precise_batch_norm=dict(type="mmpsearch.PreciseBatchNormHook", num_batches=8)
)
