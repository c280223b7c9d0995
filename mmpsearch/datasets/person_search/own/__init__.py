"""Scenes that users labelled themselves: COCO json and MOT Challenge folders."""

from mmpsearch.datasets.person_search.own.coco import COCOPersonSearch
from mmpsearch.datasets.person_search.own.mot import MOTPersonSearch

__all__ = ["COCOPersonSearch", "MOTPersonSearch"]
