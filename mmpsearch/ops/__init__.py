"""Operators: what stands in for MMCV's compiled ones, and faster ways on CPUs.

Importing this package imports nothing else: ``import mmpsearch`` stays cheap.
"""
