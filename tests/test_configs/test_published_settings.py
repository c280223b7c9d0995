"""Published rows have the batch, the pictures and the sizes that their authors state.

The tables are from the papers and public codes; every published recipe stands in them.
"""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
from mmengine.config import Config

from mmpsearch.zoo import catalogue

ROOT = (Path(__file__).parents[2] / "configs").resolve()
# Pattern: total batch (pictures, of all processes), processes. The first that fits.
TOTAL_BATCH = {
    "caj/*": (96, 1),  # 6 people, 4 visible, 4 augmented, 4 infrared pictures and more
    "ddag/*": (64, 1),
    "dkd/teacher-*": (64, 1),
    "dkd/*": (4, 1),
    "gfn/*_r50_*": (12, 1),
    "gfn/*": (8, 1),
    "mmgl/*pretrain_*": (96, 1),  # 48 visible, 48 infrared
    "mmgl/other_pretraining/*": (96, 1),
    "mmgl/*": (64, 1),
    "mpanet/*_sysu-mm01": (128, 1),
    "mpanet/*_regdb": (120, 1),
    "mutual_info/*_sysu-mm01": (128, 1),
    "mutual_info/*_regdb": (64, 1),
    "nfs/*": (64, 1),
    "person_search_baselines/oim_*": (2, 1),
    "person_search_baselines/seqnet_swin-t_*": (4, 1),
    "person_search_baselines/seqnet_swin-s_*": (3, 1),
    "person_search_baselines/seqnet_swin-b_*": (2, 1),
    "person_search_baselines/*": (5, 1),
    "personvit/*_pretrain-small-batch_*": (256, 4),
    "personvit/*_imagenet-pretrain_*": (None, None),  # the paper states none
    "personvit/*": (1024, 64),
    "reid/bdb/*": (128, 1),
    "reid/osnet/osnet_x0-25_*": (128, 1),
    "reid/*": (64, 1),
    "spcl/*-to-*": (128, 1),  # 64 of each set
    "spcl/*": (64, 1),
    "spnet/*": (8, 1),
    "up_reid/*": (800, 8),
}
# Whether MSMT17 is trained with its validation pictures: LUPerson, TransReID and their
# followers do, fast-reid, torchreid and UP-ReID's text do not.
WITH_VAL = {
    "agw": False,
    "bdb": False,
    "bot": False,
    "mgn": True,
    "osnet": False,
    "pcb": False,
    "sbs": False,
    "solider": True,
    "vit": True,
}
# Pattern: shorter and longer side, or width and height, of a test picture.
TEST_SIZE = {
    "caj/*": (144, 288),
    "ddag/*": (144, 288),
    "dkd/teacher-*": None,
    "dkd/*": (800, 1333),
    "gfn/*": (900, 1500),
    "mmgl/other_pretraining/*": None,
    "mmgl/*": (144, 288),
    "mpanet/*_sysu-mm01": (128, 384),
    "mpanet/*_regdb": (128, 256),
    "mutual_info/*": (128, 256),
    "nfs/*": (144, 288),
    "person_search_baselines/oim_*": (600, 1000),
    "person_search_baselines/*": (900, 1500),
    "personvit/*": None,
    "reid/agw/*": (128, 256),
    "reid/bot/*": (128, 256),
    "reid/osnet/*": (128, 256),
    "reid/vit/*": (128, 256),
    "reid/*": (128, 384),
    "spcl/*": (128, 256),
    "spnet/*pretrain_coco*": None,
    "spnet/*": (900, 1500),
    "up_reid/*": None,
}


def expected(table, name):
    return next(value for pattern, value in table.items() if fnmatch(name, pattern))


def inner(dataset):
    while "dataset" in dataset:
        dataset = dataset.dataset
    return dataset


@pytest.fixture(scope="module")
def recipes():
    """The catalogue's recipes for real people: name below ``configs`` -> config."""
    files = {
        entry.config.resolve()
        for entry in catalogue().values()
        if isinstance(entry.config, Path) and not entry.metadata.get("Drawn People")
    }
    named = {str(file.relative_to(ROOT).with_suffix("")): file for file in files}
    loaded = {name: Config.fromfile(named[name]) for name in sorted(named)}
    return {name: c for name, c in loaded.items() if c.get("train_dataloader")}


def test_the_tables_have_every_recipe_and_no_more(recipes):
    assert len(recipes) > 100
    for table in (TOTAL_BATCH, TEST_SIZE):
        for pattern in table:
            assert any(fnmatch(name, pattern) for name in recipes), pattern
    for name in recipes:
        expected(TOTAL_BATCH, name), expected(TEST_SIZE, name)


def test_the_total_batch_is_the_published_one(recipes):
    for name, config in recipes.items():
        total, processes = expected(TOTAL_BATCH, name)
        if total is None:
            continue
        count = config.optim_wrapper.get("accumulative_counts", 1) * processes
        assert config.train_dataloader.batch_size * count == total, name
        base = config.get("auto_scale_lr", {}).get("base_batch_size", total)
        assert base == total, name
        if processes > 1:  # the docstring's command starts so many
            text = (ROOT / f"{name}.py").read_text().split('"""')[1].replace("\\", "")
            started = re.search(r"dist_train\.sh\s+configs/\S+\.py (\d+)", text)
            nodes = re.search(r"NNODES=(\d+)", text)
            count = int(started[1]) * (int(nodes[1]) if nodes else 1)
            assert count == processes, name


def test_msmt17_is_trained_with_or_without_validation_pictures(recipes):
    seen = set()
    for name, config in recipes.items():
        if not name.endswith("_msmt17"):
            continue
        recipe = name.split("/")[1]
        seen.add(recipe)
        dataset = inner(config.train_dataloader.dataset)
        assert dataset.with_val is WITH_VAL[recipe], name
        assert "with_val" not in inner(config.test_dataloader.dataset)
    assert seen == set(WITH_VAL)


def test_test_pictures_have_the_published_size(recipes):
    for name, config in recipes.items():
        size = expected(TEST_SIZE, name)
        if size is None:
            continue
        pipeline = inner(config.test_dataloader.dataset).pipeline
        steps = [step for step in pipeline if step.type.endswith("Resize")]
        (step,) = steps
        got = (step.short, step.long) if "short" in step else tuple(step.scale)
        assert got == size, name
