"""Compares the answers of two stores."""

import math
import re

from kg.questions import questions

_ORDER = re.compile(r"ORDER BY (.*)")


def assert_equal_answers(first, second, name, parameters):
    """Both give the same rows, and put them in the order that the question asks for."""
    one, other = list(first.ask(name, parameters)), list(second.ask(name, parameters))
    assert [list(row) for row in one[:1]] == [list(row) for row in other[:1]]
    _assert_alike(sorted(one, key=_key), sorted(other, key=_key))
    columns = re.findall(r"\?(\w+)", "".join(_ORDER.findall(questions()[name].query)))
    for column in columns:
        _assert_alike([{column: row[column]} for row in one], [{column: row[column]} for row in other])
    return one


def _assert_alike(one, other):
    assert len(one) == len(other)
    for left, right in zip(one, other, strict=True):
        for name, value in left.items():
            # A mean depends on the order of its terms, in the last digits.
            same = value == right[name] or (isinstance(value, float) and math.isclose(value, right[name], rel_tol=1e-9))
            assert same, f"{name}: {value!r} is not {right[name]!r}"
            assert type(value) is type(right[name])


def _key(row):
    return [(value is not None, str(type(value)), _text(value)) for value in row.values()]


def _text(value):
    return f"{value:.9e}" if isinstance(value, float) else str(value)
