"""Faster ways on CPUs to what plain models compute."""

from mmpsearch.ops.cpu.speed_up import SWITCH, speed_up_on_cpu

__all__ = ["SWITCH", "speed_up_on_cpu"]
