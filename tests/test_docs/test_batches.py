"""Commands for several GPUs train at the published total batch, or scale the rate."""

import re
import shlex
from pathlib import Path

import pytest
from mmengine.config import Config, DictAction

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "configs").rglob("*.md")),
    *sorted((ROOT / "configs").rglob("*.py")),
]
# of configs that do not say auto_scale_lr.base_batch_size
PUBLISHED = {
    "configs/reid/bot/": 64,
    "configs/spcl/": 64,
    "configs/up_reid/": 800,
    # PersonViT: rate 0.0005 x batch / 256, at most 0.002
    "configs/personvit/personvit_vit-s_pretrain-small-batch": 256,
    "configs/personvit/personvit_vit-s_imagenet-pretrain": 256,
    "configs/personvit/personvit_vit-": 1024,
}


def commands(text: str) -> list[tuple[str, int, list[str]]]:
    """Config, processes and words of every multi-GPU command with a real config."""
    joined = re.sub(r"\\+\n\s*", " ", text)
    found = []
    for line in joined.splitlines():
        if not re.search(r"(dist_train|slurm_train)\.sh|torchrun", line):
            continue
        words = shlex.split(line.strip().strip("`"), comments=True)
        config = next((w for w in words if re.fullmatch(r"configs/.+\.py", w)), None)
        if config is None:
            continue
        given = dict(w.split("=", 1) for w in words if re.match(r"[A-Z_]+=", w))
        if any("slurm" in word for word in words):
            processes = int(given.get("GPUS", 8))
        else:
            processes = int(words[words.index(config) + 1])
            processes *= int(given.get("NNODES", 1))
        found.append((config, processes, words))
    return found


FOUND = [
    (page.relative_to(ROOT), *command)
    for page in PAGES
    for command in commands(page.read_text())
]


def published_batch(name: str, config: Config) -> int:
    base = (config.get("auto_scale_lr") or {}).get("base_batch_size")
    return base or next(b for start, b in PUBLISHED.items() if name.startswith(start))


def test_commands_are_found():
    assert len(FOUND) >= 15
    text = "NNODES=2 bash tools/dist_train.sh \\\n    configs/a/b.py 4 --amp # comment"
    ((config, processes, words),) = commands(text)
    assert (config, processes, words[-1]) == ("configs/a/b.py", 8, "--amp")


@pytest.mark.parametrize(
    "page, name, processes, words", FOUND, ids=lambda value: str(value)[-40:]
)
def test_total_batch(page, name, processes, words):
    config = Config.fromfile(ROOT / name)
    options = [w for w in words if re.match(r"[a-z_]+\.[\w.]+=", w)]
    parse = DictAction._parse_iterable
    config.merge_from_dict(
        {key: parse(value) for key, value in (o.split("=", 1) for o in options)}
    )
    if "--auto-scale-lr" in words:
        assert config.get("auto_scale_lr")
        return
    total = config.train_dataloader.batch_size * processes
    total *= config.optim_wrapper.get("accumulative_counts", 1)
    assert total == published_batch(name, config), (
        f"{page}: {processes} processes with {config.train_dataloader.batch_size} each"
    )
