"""Download the weights of models by name, and print where they lie.

mmpsearch download yolox-nano retail-0287
mmpsearch download yolox-nano --from Downloads/yolox_nano.onnx

What is there already is not downloaded again; a download that was cut off goes on.
"""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the names, and files that are there already."""
    parser.add_argument(
        "names", nargs="+", metavar="NAME", help="of `mmpsearch models`; A+B is both"
    )
    parser.add_argument(
        "--from",
        dest="from_files",
        nargs="+",
        metavar="FILE",
        help="files that you have, in place of the download of one model",
    )

    parser.add_argument(
        "--path",
        action="store_true",
        help="print only the path, for the command line of another program",
    )


def run(arguments: argparse.Namespace) -> int:
    """Download each; the exit status. Raises ZooError as `mmpsearch.zoo.resolve`."""
    from mmpsearch.zoo import ZooError, find, resolve
    from mmpsearch.zoo.progress import progress_bar

    names = [part for name in arguments.names for part in name.split("+")]
    if arguments.from_files and len(names) > 1:
        raise ZooError("--from: gives the files of one model; name that one alone")
    for name in names:
        with progress_bar(find(name).name) as progress:
            model = resolve(name, arguments.from_files, progress)
        if arguments.path:
            print(model.checkpoint)
        else:
            print(f"{model.name}: {model.checkpoint} (licence: {model.licence})")
    return 0
