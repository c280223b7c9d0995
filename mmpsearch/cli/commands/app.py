"""Serve a web page to search with.

mmpsearch app --model yolox-nano+retail-0287 --gallery people.db --media photos/
mmpsearch app --users users.txt --add-user ann
mmpsearch app --model NAME --gallery people.db --host 0.0.0.0 --users users.txt

Without --host only this machine reaches it; any other address needs --users.
"""

import argparse
from functools import partial


def add_arguments(parser: argparse.ArgumentParser) -> None:
    # The arguments of models import PyTorch, which other commands do without: they are
    # added when this command is the one that is parsed.
    parser.parse_known_args = partial(_parse, parser, parser.parse_known_args)


def _parse(parser: argparse.ArgumentParser, parse, *args, **kwargs):
    from mmpsearch.app.options import add_app_arguments

    parser.parse_known_args = parse
    add_app_arguments(parser)
    return parse(*args, **kwargs)


def run(arguments: argparse.Namespace) -> int:
    from mmpsearch.app.options import run_app

    return run_app(arguments)
