"""`InputError`, under the name by which users of the package know it."""

from mmpsearch.errors import InputError

__all__ = ["InputError"]
