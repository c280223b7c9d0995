"""Look at a gallery, remove people from it for good, move it elsewhere.

mmpsearch gallery info people.gallery
mmpsearch gallery remove people.gallery --file photos/a.jpg
mmpsearch gallery forget people.gallery --id 4711 --reports ranked/
mmpsearch gallery retention people.gallery --days 30
mmpsearch gallery migrate people.gallery https://host:19530
"""

import argparse

from mmpsearch.archive import load_action
from mmpsearch.gallery.actions import ACTIONS
from mmpsearch.gallery.options import TOKEN_VARIABLE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add a subcommand for each of `mmpsearch.gallery.actions`."""
    parser.epilog = (
        "A gallery is a file, NAME.db or http(s)://HOST:PORT of Milvus, whose token is "
        f"read from the environment variable {TOKEN_VARIABLE}."
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, action in {**ACTIONS, "load": load_action}.items():
        title = action.__doc__.strip().partition("\n")[0].rstrip(".")
        sub = actions.add_parser(
            name, help=title[:1].lower() + title[1:], description=action.__doc__
        )
        action.add_arguments(sub)
        sub.set_defaults(act=action.run)


def run(arguments: argparse.Namespace) -> int:
    """Run the subcommand; its exit status."""
    return arguments.act(arguments)
