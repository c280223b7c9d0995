"""`InputError`, under its earlier address: see `mmpsearch.errors`."""

from mmpsearch.errors import InputError

__all__ = ["InputError"]
