"""PRW: 483 training identities, 2,057 queries against all other test frames."""

_base_ = "./person_search.py"

num_identities = 483
circular_queue_size = 500
train_dataloader = dict(dataset=dict(type="mmpsearch.PRW", data_root="data/PRW"))
val_dataloader = dict(dataset=dict(type="mmpsearch.PRW", data_root="data/PRW"))
test_dataloader = val_dataloader
