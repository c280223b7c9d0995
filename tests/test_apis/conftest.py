import pytest

from mmpsearch.apis import PersonSearchInferencer

from .colour_model import config


@pytest.fixture
def inferencer():
    """The colour model with its initial weights."""
    with pytest.warns(UserWarning, match="random"):
        return PersonSearchInferencer(config(), device="cpu")
