"""Tests; they mirror the package: mmpsearch/a/b.py -> tests/test_a/test_b.py."""
