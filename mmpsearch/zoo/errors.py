"""What can go wrong between a name and its weights."""

from mmpsearch.errors import InputError


class ZooError(InputError):
    """A name, a catalogue or a file of weights that cannot be used."""


class DownloadError(ZooError):
    """A file that could not be had whole, or is not the one that was meant."""
