"""List everybody who was on all of several cameras."""

import argparse
import json

from mmpsearch.gallery.actions.common import add_gallery, open_gallery, tell
from mmpsearch.gallery.filters import where
from mmpsearch.gallery.seen_on_all import seen_on_all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the gallery, the cameras and the threshold."""
    add_gallery(parser)
    parser.add_argument("cameras", nargs="+", help="names of two cameras or more")
    parser.add_argument(
        "--threshold",
        type=float,
        help="similarity of the same person (learned from people seen together)",
    )
    parser.add_argument("--since", metavar="TIME", help="2026-11-29T08:30, or 1:30")
    parser.add_argument("--until", metavar="TIME", help="as --since")
    parser.add_argument("--json", action="store_true", help="as JSON")


def run(args: argparse.Namespace) -> int:
    """Print who was on all of them; the exit status."""
    times = where(None, args.since, args.until)
    with open_gallery(args, write=False) as gallery:
        people = seen_on_all(gallery, args.cameras, args.threshold, times)
        if gallery.audit is not None:
            gallery.audit.write("seen-on", cameras=args.cameras, found=len(people))
    if args.json:
        print(json.dumps([_as_dict(person.sightings) for person in people], indent=2))
        return 0
    for person in people:
        tell(f"{person.similarity:.3f}")
        for name, match in person.sightings.items():
            frame = f" frame {match.frame}" if match.frame >= 0 else ""
            tell(f"  {name}: {match.path}{frame}, id {match.id}")
    tell(f"{len(people)} people on {' and '.join(args.cameras)}")
    return 0


def _as_dict(sightings: dict) -> dict:
    return {
        name: {
            "id": match.id,
            "similarity": round(match.similarity, 4),
            "path": match.path,
            "frame": match.frame,
            "box": [round(float(value), 2) for value in match.box],
            "time": match.time,
            "clock": match.clock,
        }
        for name, match in sightings.items()
    }
