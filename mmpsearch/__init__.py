"""mmpsearch: person search and person re-identification, with pre-training."""

from .version import __version__

__all__ = ["__version__"]
