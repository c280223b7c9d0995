from types import SimpleNamespace

import pytest
from torch import nn

from mmpsearch.engine.hooks import IdentityCountHook


def runner(num_identities):
    model = nn.Identity()
    model.num_identities = num_identities
    dataset = SimpleNamespace(dataset=SimpleNamespace(num_identities=751))
    return SimpleNamespace(
        model=model, train_dataloader=SimpleNamespace(dataset=dataset)
    )


def test_a_re_identification_model_must_fit_its_data_set():
    IdentityCountHook().before_train(runner(751))
    IdentityCountHook().before_train(runner(None))
    with pytest.raises(ValueError, match=r"num_identities=702.* has 751 identities"):
        IdentityCountHook().before_train(runner(702))
