"""Serve a web page to search with.

mmpsearch app --model yolox-nano+retail-0287 --gallery people.db --media photos/
mmpsearch app --users users.txt --add-user ann
mmpsearch app --model NAME --gallery people.db --host 0.0.0.0 --users users.txt

Without --host only this machine reaches it; any other address needs --users, or a token
(--token-file).
"""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the model, the gallery, the folders, and who may come in."""
    from mmpsearch.app.options import add_app_arguments

    add_app_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Serve until it is stopped; the exit status."""
    from mmpsearch.app.options import run_app

    return run_app(arguments)
