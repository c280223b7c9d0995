"""Where downloaded and converted weights lie."""

import os
from pathlib import Path

import torch

HOME = "MMPSEARCH_HOME"
MIRROR = "MMPSEARCH_MIRROR"


def home() -> Path:
    """The folder of everything downloaded: ``$MMPSEARCH_HOME``, or torch hub's."""
    return Path(os.environ.get(HOME) or torch.hub.get_dir()).expanduser()


def downloads() -> Path:
    """The folder of the publishers' files, which is torch hub's own by default."""
    return home() / "checkpoints"


def records() -> Path:
    """The folder of the digests of what was downloaded, one small file each."""
    return home() / "mmpsearch" / "digests"


def converted() -> Path:
    """The folder of checkpoints in this project's names."""
    return home() / "mmpsearch" / "converted"


def mirror() -> str:
    """A folder or URL with files laid out as in `downloads`, or flat; ``""``: none."""
    return os.environ.get(MIRROR, "").rstrip("/")
