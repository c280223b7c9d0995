"""Archives: people of more videos than one machine reads in a day, as Parquet files.

An archive is extracted in units, each one file that is there or not; after a kill
the same command goes on. A gallery loads an archive in bulk.
"""

from mmpsearch.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engines": ["ENGINES"],
        "folder": ["Archive"],
        "loading": ["load_archive"],
        "planning": ["plan"],
        "units": ["Unit"],
    },
)
