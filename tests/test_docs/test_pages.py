"""Links, paths and commands of the documentation are those of the repository."""

import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from mmengine.config import Config, DictAction

from mmpsearch.utils.check_config import check_config
from mmpsearch.utils.command_line import load_config

from .pages import (
    PAGES,
    ROOT,
    anchors,
    config_names,
    config_options,
    name,
    relative_links,
    repository_paths,
)

METAFILES = sorted((ROOT / "configs").rglob("metafile.yml"))


def test_the_helpers_see_what_they_should():
    text = "# A `b` C: d\n[x](y.md#z) [w](https://w) \n```bash\n[n](no.md)\n```\n"
    assert relative_links(text) == ["y.md#z"]
    assert anchors(text) == {"a-b-c-d"}
    paths = repository_paths("see `tools/a.py`, configs/<m>/x.py and x/tools/b.py.")
    assert paths == {"tools/a.py"}
    assert config_names("`spnet-a.py` and `configs/spnet-b.py`") == {"spnet-a.py"}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_relative_links_resolve(page):
    text = page.read_text(encoding="utf-8")
    for link in relative_links(text):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name(page)} links to {link}"
        if anchor:
            known = anchors(target.read_text(encoding="utf-8"))
            assert anchor in known, f"{name(page)} links to {link}, known {known}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_paths_exist(page):
    text = page.read_text(encoding="utf-8")
    missing = [p for p in repository_paths(text) if not (ROOT / p).exists()]
    assert not missing, f"{name(page)} names {missing}"
    for config in config_names(text):
        assert list((ROOT / "configs").rglob(config)), f"{name(page)} names {config}"


def test_modules_of_the_architecture_exist():
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| .* \| `([\w/]+\.py)`(?:: (.*))? \|$", text, re.MULTILINE)
    assert len(table) >= 8
    for path, classes in table:
        source = (ROOT / "mmpsearch/models" / path).read_text(encoding="utf-8")
        for item in re.findall(r"`(\w+)`", classes):
            assert re.search(rf"^(class|def) {item}\b", source, re.MULTILINE), item


# modules that add options to several programs
SHARED_OPTIONS = (
    "utils/command_line.py",
    "utils/config_options.py",
    "gallery/options.py",
    "apis/model_arguments.py",
    "apis/source_options.py",
    "app/options.py",
    "models/converters/files.py",
    "cli/commands/search.py",
)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_options_of_tools_exist(page):
    """Every ``--option`` in a command is one that the command's script knows."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    common = "".join((ROOT / "mmpsearch" / file).read_text() for file in SHARED_OPTIONS)
    pattern = r"^(?:[A-Z_]+=\S+ )*python ((?:tools|demo)/\S+\.py)(.*)$"
    for script, rest in re.findall(pattern, text, re.MULTILINE):
        source = (ROOT / script).read_text() + common
        for option in re.findall(r"\s(--[a-z-]+)", rest.split("#")[0]):
            assert f'"{option}"' in source, f"{name(page)}: {script} {option}"
    for rest in re.findall(r"^mmpsearch search (.*)$", text, re.MULTILINE):
        for option in re.findall(r"\s(--[a-z-]+)", rest.split("#")[0]):
            assert f'"{option}"' in common, f"{name(page)}: mmpsearch search {option}"


def options_of(page: Path) -> list[tuple[str, str]]:
    found = config_options(page.read_text(encoding="utf-8"))
    pairs = (option.split("=", 1) for option in sorted(found))
    return [
        (f"model.{key}" if key.startswith("train_pathway.") else key, value)
        for key, value in pairs
    ]


OPTIONS = [
    pytest.param(page, key, value, id=f"{name(page)}-{key}={value}")
    for page in PAGES
    for key, value in options_of(page)
]
# The small ones first: their models build at once.
SEARCH_CONFIGS = (
    "spnet/spnet-tiny_r18_oc-finetune_synthetic",
    "spnet/spnet-tiny_r18_qc-pretrain_synthetic",
    "spnet/spnet-s_convnext-t_oc-finetune_cuhk-sysu",
    "spnet/spnet-s_convnext-t_oc-pretrain_coco-persons",
    "spnet/spnet-l_convnext-b_oc-finetune_cuhk-sysu",
    "dkd/dkd-tiny_r18_synthetic",
    "dkd/teacher-r2_r50_prw",
    "dkd/dkd_r50_prw",
    "person_search_baselines/oim-tiny_r18_synthetic",
)
REID_CONFIGS = (
    "reid/bot/bot_r18_synth",
    "reid/bot/bot_r50_msmt17",
    "reid/bot/bot_r50_cuhk03",
    "reid/vit/vit-s_market1501",
    "reid/agw/agw_r50_market1501",
    "reid/mgn/mgn_r50_market1501",
    "reid/osnet/osnet_x1-0_market1501",
    "personvit/personvit_vit-s_imagenet-pretrain_luperson-cfs",
    "up_reid/up-reid_r18_pretrain_synthetic",
    "spcl/spcl_r50_personx-to-market1501",
)

CROSS_MODALITY = (
    *(f"configs/{m}" for m in ("mmgl", "ddag", "caj", "mpanet", "mutual_info", "nfs")),
    "docs/mmgl.md",
    "docs/cross_modality_data.md",
)
CROSS_MODALITY_CONFIGS = (
    "mmgl/agw_r50_sysu-mm01",
    "mmgl/mmgl_r50-two-stream_pretrain_sysu-mm01",
    "ddag/ddag_r50_sysu-mm01",
    "caj/caj_r50_sysu-mm01",
    "mpanet/mpanet_r50_sysu-mm01",
    "mutual_info/mutual-info_r50_sysu-mm01",
    "nfs/nfs_r50_sysu-mm01",
)


def _problems(config: Config, part: str) -> list[str]:
    if part not in ("model", "optim_wrapper"):
        config.model = {}  # not asked for: do not build it
    return [str(found) for found in check_config(config) if found.key.startswith(part)]


def test_there_are_options():
    assert len(OPTIONS) > 30


def with_companions(page: Path, key: str, value: str) -> dict:
    """The option and the page's beside it: a new part of the model needs them all."""
    place = ".".join(key.split(".")[:3]) + "."
    pairs = {k: v for k, v in options_of(page) if k.startswith(place)} | {key: value}
    return {k: DictAction._parse_iterable(v) for k, v in pairs.items()}


@pytest.mark.parametrize("page, key, value", OPTIONS)
def test_a_config_option_is_known(page, key, value):
    """Some config takes the option, and its check finds nothing wrong."""
    options = with_companions(page, key, value)
    about_crops = any(word in name(page) for word in ("reid", "personvit", "spcl"))
    configs = REID_CONFIGS if about_crops else SEARCH_CONFIGS
    if any(f"{place}/" in f"{name(page)}/" for place in CROSS_MODALITY):
        configs = CROSS_MODALITY_CONFIGS
    found = []
    for config in configs:
        loaded = load_config(str(ROOT / f"configs/{config}.py"))
        if loaded.get(key.split(".")[0]) is None:
            continue
        try:
            loaded.merge_from_dict(options)
        except (KeyError, IndexError) as error:
            found.append(repr(error))
            continue
        problems = _problems(loaded, key.split(".")[0])
        if not problems:
            return
        found += problems
    pytest.fail(f"{key}={value}: {found}")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_pages_are_short(page):
    # one recipe, run by the tests, for each of ten kinds of part
    limit = 320 if page.name == "add_a_method.md" else 150
    if page.parent.name == "docs":
        assert len(page.read_text(encoding="utf-8").splitlines()) <= limit


def test_every_page_is_reached_from_the_readme():
    linked = relative_links((ROOT / "README.md").read_text(encoding="utf-8"))
    for page in (ROOT / "docs").rglob("*.md"):
        assert page.relative_to(ROOT).as_posix() in {x.split("#")[0] for x in linked}


@pytest.mark.parametrize("file", METAFILES, ids=lambda file: file.parent.name)
def test_metafiles(file):
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    collections = {item["Name"] for item in content["Collections"]}
    for item in content["Collections"]:
        assert (ROOT / item["README"]).is_file()
        assert (ROOT / item["Code"]["URL"]).is_file()
    names = [model["Name"] for model in content["Models"]]
    assert len(names) == len(set(names))
    for model in content["Models"]:
        assert model["In Collection"] in collections
        if "::" not in model.get("Config", "::"):
            assert (ROOT / model["Config"]).is_file(), model["Config"]
        for result in model.get("Results", ()):
            assert result.get("Source") or model["Metadata"]["Source"], model["Name"]
            assert all(0 < value <= 100 for value in result["Metrics"].values())
    configs = {p.relative_to(ROOT).as_posix() for p in file.parent.glob("*.py")}
    named = {model.get("Config", "::") for model in content["Models"]}
    assert {config for config in named if "::" not in config} == configs


def test_the_metafile_and_the_readme_of_spnet_agree():
    folder = ROOT / "configs/spnet"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    content = yaml.safe_load((folder / "metafile.yml").read_text(encoding="utf-8"))
    rows: dict[str, dict] = {}
    for model in content["Models"]:
        for result in model["Results"]:
            rows.setdefault(model["Name"], {}).update(result["Metrics"])
    assert len(rows) == 6 + 6 + 2 + 16 + 4  # S, L, ResNet-50, Swin-B, query-centric
    for metrics in rows.values():
        row = f" {metrics['mAP']} / {metrics['top-1']} |"
        if "GT mAP" in metrics:
            values = (metrics[key] for key in ("mAP", "top-1", "GT mAP", "AP@0.5"))
            row = "| paper | " + " | ".join(map(str, values)) + " |"
        assert row in readme


def test_numbers_of_the_evaluation_page_are_the_reference_s():
    """Where public implementations differ, the page quotes the golden numbers."""
    page = (ROOT / "docs/reid_evaluation.md").read_text(encoding="utf-8")
    data = ROOT / "tests/data/reid_evaluation"
    ranking = np.load(data / "ranking.npz")
    kinds = ("stable", "fastreid_default_argsort", "opt", "pess")
    ties = [f"{float(ranking[f'ties/{kind}_mAP']):.3f}" for kind in kinds]
    (row,) = [
        line for line in page.splitlines() if line.startswith("| equal distances")
    ]
    assert re.findall(r"0\.\d{3}", row) == ties
    (row,) = [line for line in page.splitlines() if line.startswith("| CUHK03 classic")]
    kinds = ("fastreid_seed0", "exact_expected")
    shots = [f"{ranking[f'cuhk03/{kind}_cmc'][0]:.3f}" for kind in kinds]
    assert re.findall(r"0\.\d{3}", row) == shots
    table = re.findall(r"^\| .*[^:-] \| (0\.\d{3}) \|$", page, re.MULTILINE)
    reranking = np.load(data / "reranking.npz")
    kinds = ("no_rerank", "fastreid_k20_6_0.3", "transreid_k20_6_0.3")
    kinds += ("fastreid_evaluator_rerank_k20_6_0.3",)
    assert table == [f"{float(reranking[f'{kind}/mAP']):.3f}" for kind in kinds]
