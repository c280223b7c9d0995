"""Mutated files for every reader: see `tests/test_fuzzed_files.py`."""
