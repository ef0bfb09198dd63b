"""What a data card says: task, rows, features, classes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from kg.model import TaskType
from recommender.llm import card_text
from recommender.llm.card_values import SaidOfCard, first, listed, text_of, texts_of, whole_of
from recommender.llm.tools import short

#: Words in a hub's names of tasks -> task type.
_TASKS = (
    ("regression", TaskType.REGRESSION),
    ("scoring", TaskType.REGRESSION),
    ("classification", TaskType.CLASSIFICATION),
)
#: Names that the column to predict goes by.
_TARGETS = ("target", "label", "labels", "class", "y", "outcome")
_FIGURE = r"(\d{1,15}(?:\.\d{1,15})?)([KMBT]?)"
_SIZE = re.compile(rf"(?:{_FIGURE}\s*<\s*)?n\s*(<|>)\s*{_FIGURE}", re.IGNORECASE)
_SCALE = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}


def data_said(front: Mapping[str, Any], text: str) -> SaidOfCard:
    """Return what a data card says.

    Args:
        front: Its front matter.
        text: All of it.
    """
    said = SaidOfCard()
    info = first(front.get("dataset_info"))
    name = text_of(front.get("pretty_name")) or text_of(info.get("dataset_name")) or card_text.title(text)
    name = re.sub(r"(?i)^(data ?set )?card for\s+", "", name).strip()
    said.put("name", short(name, 100), "the card's name")
    put_task(said, front)
    _put_columns(said, listed(info.get("features")))
    _put_rows(said, listed(info.get("splits")), front)
    return said


def put_task(said: SaidOfCard, front: Mapping[str, Any]) -> None:
    """Keep the task type that a hub's names of tasks mean."""
    for field in ("task_categories", "task_ids", "pipeline_tag", "tags"):
        for one in texts_of(front.get(field)):
            known = next((task for word, task in _TASKS if word in one.lower()), None)
            if known is not None:
                said.put("task_type", str(known), f"{field}: {short(one, 60)}")


def _put_columns(said: SaidOfCard, features: list[Any]) -> None:
    columns = [one for one in features if isinstance(one, dict) and text_of(one.get("name"))]
    if not columns:
        return
    target = next((c for t in _TARGETS for c in columns if text_of(c["name"]).lower() == t), None)
    labelled = [c for c in columns if _classes(c)]
    chosen = target or (labelled[-1] if labelled else None)
    if chosen is None:
        why = "none of the features is called a target: one of them is taken to be it"
    else:
        why = f"'{short(text_of(chosen['name']), 40)}' is taken to be the target"
    if len(columns) > 1:
        said.put("n_columns", len(columns) - 1, f"dataset_info: {len(columns)} features", why)
    if chosen is not None and len(_classes(chosen)) >= 2:
        quote = f"class_label of '{short(text_of(chosen['name']), 40)}'"
        said.put("n_classes", len(_classes(chosen)), quote)
        said.put("task_type", str(TaskType.CLASSIFICATION), quote)


def _classes(column: Mapping[str, Any]) -> list[str]:
    dtype = column.get("dtype")
    label = dtype.get("class_label") if isinstance(dtype, dict) else None
    names = label.get("names") if isinstance(label, dict) else None
    return list(names.values()) if isinstance(names, dict) else list(names) if isinstance(names, list) else []


def _put_rows(said: SaidOfCard, splits: list[Any], front: Mapping[str, Any]) -> None:
    counts = {text_of(s.get("name")): whole_of(s.get("num_examples")) for s in splits if isinstance(s, dict)}
    known = {name: count for name, count in counts.items() if count}
    if known:
        train = known.get("train")
        rows: int = train if train is not None else sum(count for count in known.values() if count is not None)
        which = "the split 'train'" if train is not None else f"{len(known)} split(s) together"
        said.put("n_rows", rows, f"dataset_info: {which}")
        return
    for one in texts_of(front.get("size_categories")):
        if (middle := _middle(one)) is not None:
            said.put("n_rows", middle, f"size_categories: {short(one, 40)}", f"of {one}, {middle:,} rows are taken")
            return


def _middle(size: str) -> int | None:
    """Return the geometric middle of a hub's size category such as ``1K<n<10K``; None where it is none."""
    found = _SIZE.fullmatch(size.strip())
    if found is None:
        return None
    bound = float(found[4]) * _SCALE[found[5].upper()]
    if found[3] == ">":
        return round(bound) or None
    low = float(found[1]) * _SCALE[found[2].upper()] if found[1] else bound / 10
    return max(1, round(math.sqrt(low * bound))) if 0 < low < bound else None
