import pytest

from mmpsearch.utils.config_types import accepted_keys, resolve, suggest


class Explicit:
    def __init__(self, a, *, b=1):
        pass


class Passes(Explicit):
    def __init__(self, c, **kwargs):
        super().__init__(len([c]), **kwargs)


class Mixin:
    pass


class Inherits(Mixin, Passes):
    pass


class Keeps(Explicit):
    def __init__(self, d, **kwargs):
        super().__init__(d)
        self.kwargs = kwargs


def _function(a, b=2):
    pass


def _anything(a, **rest):
    pass


def test_accepted_keys_follow_kwargs_to_the_base():
    assert accepted_keys(Explicit) == {"a", "b"}
    assert accepted_keys(Passes) == {"a", "b", "c"}
    assert accepted_keys(Inherits) == {"a", "b", "c"}
    assert accepted_keys(Mixin) == set()
    assert accepted_keys(_function) == {"a", "b"}


def test_accepted_keys_that_cannot_be_decided():
    assert accepted_keys(Keeps) is None
    assert accepted_keys(_anything) is None


def test_resolve_finds_classes_with_scope():
    import mmdet.models
    import torch

    assert resolve("mmdet.FPN", "MODELS") == (mmdet.models.FPN, "")
    # in another registry than the place says
    assert resolve("mmdet.MaxIoUAssigner", "MODELS")[1] == ""
    assert resolve("AdamW", "OPTIMIZERS") == (torch.optim.AdamW, "")
    assert resolve("mmengine.AdamW", "OPTIMIZERS") == (torch.optim.AdamW, "")


def test_resolve_says_what_is_wrong():
    assert resolve("FPN", "MODELS") == (None, "'FPN' has no scope; write 'mmdet.FPN'")
    assert "did you mean 'mmdet.FPN'?" in resolve("mmpsearch.FPN", "MODELS")[1]
    assert "did you mean 'AdamW'?" in resolve("AdmaW", "OPTIMIZERS")[1]
    message = resolve("RandomFlip", "TRANSFORMS")[1]
    assert "write 'mmengine.RandomFlip' or 'mmdet.RandomFlip'" in message


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        (
            "elsewhere.toy.Net",
            "no module 'elsewhere' can be imported; name the ",
        ),
        (
            "own_parts.toys.Net",
            "'own_parts' has no module 'own_parts.toys'",
        ),
        ("own_parts.toy.Nett", "'own_parts.toy' has no 'Nett'; did you mean 'Net'"),
        ("own_parts.toy.Net.Part", "'own_parts.toy.Net' has no 'Part'"),
        ("own_parts.needy.Net", "'own_parts.needy' failed: No module named 'nowhere'"),
        ("own_parts.broken.Net", "'own_parts.broken' failed: ZeroDivisionError: "),
    ],
)
def test_resolve_says_which_module_was_not_imported(
    tmp_path, monkeypatch, name, trouble
):
    folder = tmp_path / "own_parts"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "toy.py").write_text("class Net: pass")
    (folder / "needy.py").write_text("import nowhere")
    (folder / "broken.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path)
    found, message = resolve(name, "MODELS")
    assert found is None and message.startswith(f"'{name}' is not found: ")
    assert trouble in message
    assert resolve("own_parts.toy.Net", "MODELS")[0].__name__ == "Net"


def test_suggest():
    assert suggest("batchsize", ["batch_size", "sampler"]) == (
        "; did you mean 'batch_size'?"
    )
    assert suggest("xyz", ["batch_size"]) == ""
    assert suggest("queue_len", ["queue_size"]) == "; did you mean 'queue_size'?"


def test_weight_initialisers_have_plain_names():
    found, trouble = resolve("Pretrained", "WEIGHT_INITIALIZERS")
    assert found is not None and not trouble
    assert resolve("Pretraned", "WEIGHT_INITIALIZERS")[1]
