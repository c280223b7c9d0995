"""Download a sample video to try a search on, and print where it lies.

mmpsearch sample one-by-one

The videos are Intel's IoT samples, CC BY 4.0.
"""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the video's name."""
    parser.add_argument("name", help="one-by-one or people-detection")


def run(arguments: argparse.Namespace) -> int:
    """Download it and print its path; the exit status."""
    from mmpsearch.zoo.progress import progress_bar
    from mmpsearch.zoo.samples import sample

    with progress_bar(arguments.name) as progress:
        print(sample(arguments.name, progress=progress))
    return 0
