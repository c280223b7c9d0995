"""Market-1501: 12,936 training pictures of 751 people, 3,368 queries."""

_base_ = "./reid.py"

num_identities = 751
dataset = dict(type="mmpsearch.Market1501", data_root="data/Market-1501-v15.09.15")
train_dataloader = dict(dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = val_dataloader
