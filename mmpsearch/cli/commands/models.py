"""List the models that can be named, or show what is known about one.

mmpsearch models
mmpsearch models "*prw" --task person-search
mmpsearch models yolox-nano
"""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the pattern and the filters."""
    parser.add_argument(
        "pattern", nargs="?", help="part of a name, or a pattern such as 'spnet*prw'"
    )
    parser.add_argument(
        "--task", help="person-search, detector, embedder, re-id or backbone"
    )
    parser.add_argument(
        "--weights",
        action="store_true",
        help="only models whose weights can be downloaded",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print a table, or one model; 1 where no model fits."""
    from mmpsearch.zoo import catalogue, find, list_models
    from mmpsearch.zoo.describe import describe, table

    names = list_models(arguments.pattern, arguments.task, arguments.weights)
    exact = [
        entry
        for entry in catalogue().values()
        if arguments.pattern in (entry.name, *entry.aliases)
    ]
    if exact:
        print(describe(exact[0]))
    elif names:
        print(table([find(name) for name in names]))
    elif arguments.pattern and not set(arguments.pattern) & set("*?["):
        find(arguments.pattern)  # says what is near
    else:
        print("no model fits")
        return 1
    return 0
