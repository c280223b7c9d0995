"""The command line: ``mmpsearch SUBCOMMAND``, or ``python -m mmpsearch SUBCOMMAND``."""

import argparse
import pkgutil
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from mmpsearch.cli import commands
from mmpsearch.version import __version__


class CommandParser(argparse.ArgumentParser):
    """A parser whose arguments are added when it parses.

    Nobody waits for what the arguments of other commands import.

    Attributes:
        add_arguments: adds them; called once.
    """

    add_arguments: Callable[[argparse.ArgumentParser], None] | None = None

    def parse_known_args(self, args=None, namespace=None):
        if self.add_arguments is not None:
            add, self.add_arguments = self.add_arguments, None
            add(self)
        return super().parse_known_args(args, namespace)


def make_parser() -> argparse.ArgumentParser:
    """The parser of the whole command, with a sub-parser for each module there is."""
    parser = CommandParser(
        prog="mmpsearch", description="Person search and re-identification by name."
    )
    parser.add_argument("--version", action="version", version=__version__)
    found = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in pkgutil.iter_modules(commands.__path__):
        command = import_module(f"{commands.__name__}.{module.name}")
        title = (command.__doc__ or "").strip().partition("\n")[0].rstrip(".")
        sub = found.add_parser(
            module.name.replace("_", "-"),
            help=title[:1].lower() + title[1:],
            description=command.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.add_arguments = command.add_arguments
        sub.set_defaults(run=command.run)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a sub-command; a user's mistake ends with one line and status 2."""
    parsed = make_parser().parse_args(arguments)
    from mmpsearch.utils.command_line import one_line_errors

    with one_line_errors():
        return parsed.run(parsed) or 0


if __name__ == "__main__":
    sys.exit(main())
