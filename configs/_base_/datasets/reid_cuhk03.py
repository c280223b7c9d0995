"""CUHK03, new protocol, labelled boxes: 7,368 training pictures of 767 people.

Detected boxes: ``--cfg-options train_dataloader.dataset.boxes=detected``, and the same
for ``val_dataloader`` and ``test_dataloader``.
"""

_base_ = "./reid.py"

num_identities = 767
dataset = dict(type="mmpsearch.CUHK03", data_root="data/cuhk03", boxes="labeled")
train_dataloader = dict(dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = val_dataloader
