from mmengine.config import Config

from mmpsearch.utils.run_defaults import complete_run


def completed(**content):
    config = Config(content)
    complete_run(config)
    return config


def test_a_training_has_its_checks():
    checks = dict(type="mmpsearch.TrainingChecksHook")
    assert completed(train_cfg={}).custom_hooks == [checks]
    mine = [dict(type="mmengine.EMAHook")]
    assert completed(train_cfg={}, custom_hooks=mine).custom_hooks == [*mine, checks]
    kept = completed(train_cfg={}, default_hooks=dict(training_checks=checks))
    assert "custom_hooks" not in kept
    assert "custom_hooks" not in completed(test_cfg={})


def test_default_hooks_are_switched_off_by_none():
    hooks = dict(timer=None, validate_on_resume=None, logger=dict(type="A"))
    assert completed(default_hooks=hooks).default_hooks == dict(
        timer=None, logger=dict(type="A")
    )


def test_a_loader_without_workers_keeps_nothing_of_them():
    loader = dict(persistent_workers=True, prefetch_factor=2, batch_size=4)
    config = completed(
        train_dataloader=dict(loader, num_workers=0),
        val_dataloader=dict(loader, num_workers=2),
        test_dataloader=dict(loader),  # PyTorch's default is no worker
    )
    assert config.train_dataloader == dict(batch_size=4, num_workers=0)
    assert config.val_dataloader == dict(loader, num_workers=2)
    assert config.test_dataloader == dict(batch_size=4)
