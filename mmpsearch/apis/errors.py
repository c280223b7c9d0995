"""`InputError`, under the name by which users of the package know it."""

from mmpsearch.utils.errors import InputError

__all__ = ["InputError"]
