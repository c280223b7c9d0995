"""The catalogue is what the metafiles say, and one's own besides."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import mmpsearch
from mmpsearch.zoo import ZooError, catalogue, find, list_models

ROOT = Path(__file__).parents[2]
OWN = """
Models:
  - Name: our-entrance
    Alias: [entrance]
    Task: person-search
    Config: entrance.py
    Weights: http://fileserver/entrance.pth
    Digest: sha256:0123456789abcdef
    Metadata: {Licence: internal}
  - Name: yolox-nano
    Task: detector
    Format: onnx
    Weights: http://fileserver/yolox_nano.onnx
    Size: 7
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    file = tmp_path / "metafile.yml"
    file.write_text(OWN)
    monkeypatch.setenv("MMPSEARCH_CATALOGUE", str(file))
    return file


def test_every_metafile_is_in_the_index():
    listed = (ROOT / "model-index.yml").read_text()
    for file in (ROOT / "configs").rglob("metafile.yml"):
        assert f"- {file.relative_to(ROOT).as_posix()}\n" in listed


def test_what_mmengine_and_mim_read_has_configs():
    """They warn of every model without one whenever a config is `mmpsearch::…`."""
    index = yaml.safe_load((ROOT / "model-index.yml").read_text())
    models = [
        model
        for file in index["Import"]
        for model in yaml.safe_load((ROOT / file).read_text())["Models"]
    ]
    assert len(models) > 150
    assert [model["Name"] for model in models if "Config" not in model] == []


def test_lists_by_pattern_task_and_weights():
    assert list_models("retail", task="embedder") == [
        "person-reidentification-retail-0287",
        "person-reidentification-retail-0288",
    ]
    assert list_models("retail-028?") == list_models("RETAIL")
    assert list_models("spnet*prw", with_weights=True) == []
    names = list_models("spnet*prw", task="person-search")
    assert "spnet-s_convnext-t_qc_oc-finetune_prw" in names
    assert mmpsearch.list_models() == sorted(catalogue())
    with pytest.raises(ZooError, match=r"detectors.*not one of .*detector"):
        list_models(task="detectors")


def test_an_entry_has_what_the_metafile_says():
    entry = find("retail-0287")
    assert entry.name == "person-reidentification-retail-0287"
    assert [file.size for file in entry.files] == [614946, 1181124]
    assert entry.size == 614946 + 1181124
    assert all(file.digest.startswith("sha384:") for file in entry.files)
    assert entry.settings["input_size"] == [256, 128]
    assert entry.settings["channel_order"] == "bgr"
    # two files of one model lie beside each other
    assert len({Path(file.name).parent for file in entry.files}) == 1


def test_a_model_of_drawn_people_says_so():
    assert find("spnet-tiny_r18_oc-finetune_synthetic").metadata["Drawn People"] is True
    for entry in catalogue().values():
        drawn = "synth" in str(entry.config)
        assert bool(entry.metadata.get("Drawn People")) == drawn, entry.name


def test_an_unknown_name_gets_a_suggestion():
    with pytest.raises(ZooError, match="'yolox-nono'; did you mean yolox-nano"):
        find("yolox-nono")


def test_own_models_come_first(own):
    entry = find("entrance")
    assert entry.config == own.parent / "entrance.py"
    assert entry.files[0].name == "our-entrance/entrance.pth"
    assert entry.files[0].digest == "sha256:0123456789abcdef"
    assert find("yolox-nano").files[0].size == 7
    assert "retail" in find("retail-0287").name  # the public ones are still there


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("Task: detector", "Task: finder", "'yolox-nano': Task is 'finder'"),
        ("Format: onnx", "Format: exe", "Format is 'exe'"),
        ("sha256:0123456789abcdef", "abc", "'our-entrance': Digest 'abc'"),
        ("Name: yolox-nano", "Name: our-entrance", "'our-entrance' is in .* already"),
        ("Models:", "Models: [", "is not readable"),
    ],
)
def test_a_wrong_metafile_is_named(own, old, new, message):
    own.write_text(OWN.replace(old, new, 1))
    with pytest.raises(ZooError, match=message) as caught:
        catalogue()
    assert str(own) in str(caught.value)


def test_a_missing_metafile_is_named(own):
    own.unlink()
    with pytest.raises(ZooError, match=f"{own}.*No such file"):
        catalogue()


def test_listing_needs_no_model_code():
    """A list of names comes without the models' own, slow, imports."""
    code = (
        "import mmpsearch, sys; mmpsearch.list_models('spnet'); "
        "print('mmdet' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
