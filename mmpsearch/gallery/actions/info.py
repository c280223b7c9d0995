"""Say what a gallery holds."""

import argparse
import json
import time

import numpy as np

from mmpsearch.gallery.actions.common import add_gallery, open_gallery, tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the gallery."""
    add_gallery(parser)
    parser.add_argument("--json", action="store_true", help="as JSON")


def run(args: argparse.Namespace) -> int:
    """Print what it holds; the exit status."""
    with open_gallery(args, write=False) as gallery:
        clocks = [records.clocks for records in gallery.records()]
        clocks = np.concatenate([np.empty(0), *clocks])
        clocks = clocks[~np.isnan(clocks)]
        found = {
            "gallery": gallery.store.location,
            "people": len(gallery),
            "files": len(gallery.files),
            "cameras": gallery.cameras,
            "dimension": gallery.dimension,
            "model": gallery.fingerprint and str(gallery.fingerprint),
            "settings": gallery.settings,
            "from": _day(clocks.min()) if len(clocks) else None,
            "to": _day(clocks.max()) if len(clocks) else None,
            "suppressed": len(gallery.suppressed),
        }
    if args.json:
        print(json.dumps(found))
        return 0
    for name, value in found.items():
        shown = (
            ", ".join(c or "(unknown)" for c in value) if name == "cameras" else value
        )
        tell(f"{name:<11}{'-' if shown in (None, '') else shown}")
    return 0


def _day(moment: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment))
