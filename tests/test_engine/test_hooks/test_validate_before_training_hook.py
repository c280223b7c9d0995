from types import SimpleNamespace

from mmpsearch.engine.hooks import ValidateBeforeTrainingHook


def test_only_before_the_first_step():
    calls = []
    loop = SimpleNamespace(run=lambda: calls.append("validated"))
    hook = ValidateBeforeTrainingHook()
    hook.before_train(SimpleNamespace(iter=3, val_loop=loop))
    assert calls == []
    hook.before_train(SimpleNamespace(iter=0, val_loop=loop))
    assert calls == ["validated"]
    hook.before_train(SimpleNamespace(iter=0, val_loop=None))
