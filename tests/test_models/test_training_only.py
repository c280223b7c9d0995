"""Every method says which weights testing does not read."""

from pathlib import Path

import pytest
from mmengine.config import Config

from mmpsearch.registry import MODELS
from mmpsearch.utils.checkpoint import training_only

CONFIGS = Path(__file__).parents[2] / "configs"
NAMES = """
caj/caj_r50_regdb
ddag/ddag_r50_regdb
dkd/dkd-tiny_r18_synthetic
mmgl/agw_r18-tiny_synthetic
mpanet/mpanet_r50_regdb
mutual_info/mutual-info_r50_regdb
nfs/nfs_r50_regdb
person_search_baselines/nae-plus-tiny_r18_synthetic
reid/bot/bot_r18_synth
reid/sbs/sbs_r50_market1501
spcl/spcl_r18_synth
spnet/spnet-tiny_r18_oc-finetune_synthetic
""".split()


def replace_identities(node, number):
    """Another number of identities, and no initial weights, wherever they are named."""
    for key, value in node.items():
        if key == "num_identities":
            node[key] = number
        elif key in ("init_cfg", "pretrained", "teacher_checkpoint"):
            node[key] = None
        elif isinstance(value, dict):
            replace_identities(value, number)


def build(name, identities):
    settings = Config.fromfile(CONFIGS / f"{name}.py").model
    replace_identities(settings, identities)
    return MODELS.build(settings)


@pytest.mark.parametrize("name", NAMES)
def test_what_depends_on_the_identities_is_not_read_in_testing(name):
    few, more = build(name, 5), build(name, 7)
    sizes = {key: value.shape for key, value in more.state_dict().items()}
    state = few.state_dict()
    different = {key for key, value in state.items() if value.shape != sizes[key]}
    unread = training_only(few)
    assert all(unread.match(key) for key in different)
    assert different or name.startswith("spcl")
    backbone = [key for key in state if "backbone." in key]
    assert backbone and not any(unread.match(key) for key in backbone)
    assert not any(unread.match(key) for key in state if key.startswith("heads."))


def test_parts_of_a_model_say_it_of_their_own():
    whole = MODELS.build(
        dict(
            type="mmpsearch.TwoStepSearch",
            reid=Config.fromfile(CONFIGS / "reid/bot/bot_r18_synth.py").model,
        )
    )
    unread = training_only(whole)
    assert unread.match("reid.classifiers.whole.linear.weight")
    assert not unread.match("classifiers.whole.linear.weight")
    assert not unread.match("reid.backbone.conv1.weight")
