"""Bounds that depend on the data, such as FLAML's ``min(32768, n)``: parsed against a whitelist, never executed.

    evaluate("min(32768, n)", n=1000, d=20) == 1000.0

`n` is the number of rows, `d` the number of columns without the target. There are the four operations, ``//``,
``**``, and the functions ``min``, ``max``, ``sqrt``, ``log2`` and ``clip(value, low, high)``. Nothing else is let in.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterable, Mapping

from kg.errors import InputError
from kg.model import BoundExpression, FloatParameter, IntParameter, Parameter, SearchSpace

#: Longest expression that is read; the longest published one has 34 characters.
MAX_LENGTH = 200
#: Most nodes of a syntax tree that is evaluated.
MAX_NODES = 100
#: Largest absolute value that any step may have.
MAX_VALUE = 1e15
#: Variables that an expression may name.
VARIABLES = ("n", "d")

_ALLOWED = f"the numbers, the variables {', '.join(VARIABLES)}, + - * / // **, min, max, sqrt, log2, clip"


class ExpressionError(InputError):
    """A bound expression holds something that is not let in, or has no finite value."""


def _clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Pow: math.pow,
}
_UNARY: dict[type[ast.unaryop], Callable[[float], float]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
#: Function -> what it does, least and greatest number of arguments.
_FUNCTIONS: dict[str, tuple[Callable[..., float], int, int]] = {
    "min": (min, 2, 8),
    "max": (max, 2, 8),
    "sqrt": (math.sqrt, 1, 1),
    "log2": (math.log2, 1, 1),
    "clip": (_clip, 3, 3),
}


def evaluate(expression: str, *, n: float, d: float) -> float:
    """Return the value of `expression` for a table of `n` rows and `d` columns.

    Args:
        expression: The text, at most `MAX_LENGTH` characters.
        n: Number of rows.
        d: Number of columns, without the target.

    Raises:
        ExpressionError: The text is no such expression, or has no finite value for these `n` and `d`.
    """
    try:
        return _value(_parsed(expression), {"n": float(n), "d": float(d)}, expression)
    except (ArithmeticError, ValueError) as error:
        if isinstance(error, ExpressionError):
            raise
        raise ExpressionError(
            f"{expression!r} has no finite value for n={n}, d={d} ({error}).", where="expression"
        ) from error


def check(expression: str) -> None:
    """Make sure that `expression` is well formed, whatever the data.

    Raises:
        ExpressionError: It holds something that is not let in.
    """
    _shape(_parsed(expression), expression)


def bounded_space(space: SearchSpace, expressions: Iterable[BoundExpression], *, n: float, d: float) -> SearchSpace:
    """Return `space` with the bounds that depend on the data put in.

    A bound is rounded inwards where the parameter is whole, and never crosses the other one: on a table so small that
    the upper bound falls below the lower, both are the lower.

    Args:
        space: The space with its fallback bounds.
        expressions: What replaces them.
        n: Number of rows.
        d: Number of columns, without the target.

    Raises:
        ExpressionError: An expression cannot be evaluated, or names no numeric parameter of the space.
    """
    parameters = {parameter.name: parameter for parameter in space.parameters}
    for bound in expressions:
        parameters[bound.parameter] = _rebound(
            parameters.get(bound.parameter), bound, evaluate(bound.expression, n=n, d=d)
        )
    return space.replace(parameters=tuple(parameters.values()))


def _rebound(parameter: Parameter | None, bound: BoundExpression, value: float) -> Parameter:
    if isinstance(parameter, IntParameter):
        whole = math.floor(value) if bound.side == "high" else math.ceil(value)
        return parameter.replace(**_kept_apart(parameter, bound.side, whole))
    if isinstance(parameter, FloatParameter):
        return parameter.replace(**_kept_apart(parameter, bound.side, value))
    raise ExpressionError(f"{bound.parameter!r} is no numeric parameter of the space.", where=bound.expression)


def _kept_apart(parameter: IntParameter | FloatParameter, side: str, value: float) -> dict[str, float]:
    if side == "high":
        return {"high": max(value, parameter.low)}
    return {"low": min(value, parameter.high)}


def _parsed(expression: str) -> ast.expr:
    if len(expression) > MAX_LENGTH:
        raise ExpressionError(
            f"an expression of {len(expression)} characters is too long.",
            where="expression",
            allowed=f"at most {MAX_LENGTH} characters",
        )
    try:
        tree = ast.parse(expression, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _refused(expression, "it cannot be parsed") from error
    if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
        raise _refused(expression, f"it has more than {MAX_NODES} parts")
    return tree.body


def _shape(node: ast.expr, text: str) -> None:
    """Walk the tree as `_value` does, without values."""
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            _shape(left, text)
            _shape(right, text)
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            _shape(operand, text)
        case ast.Call():
            for argument in _call(node, text)[1]:
                _shape(argument, text)
        case _:
            _leaf(node, dict.fromkeys(VARIABLES, 1.0), text)


def _value(node: ast.expr, variables: Mapping[str, float], text: str) -> float:
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            result = _BINARY[type(op)](_value(left, variables, text), _value(right, variables, text))
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            result = _UNARY[type(op)](_value(operand, variables, text))
        case ast.Call():
            function, arguments = _call(node, text)
            result = function(*(_value(argument, variables, text) for argument in arguments))
        case _:
            result = _leaf(node, variables, text)
    if not abs(result) <= MAX_VALUE:
        raise OverflowError(f"{result} is beyond {MAX_VALUE:g}")
    return float(result)


def _leaf(node: ast.expr, variables: Mapping[str, float], text: str) -> float:
    match node:
        case ast.Constant(value=bool()):
            raise _refused(text, "a truth value is no number")
        case ast.Constant(value=int() | float() as number):
            # An integer of 200 digits has no float; it is refused like any other overflow.
            return float(number)
        case ast.Name(id=name) if name in variables:
            return variables[name]
        case ast.Name(id=name):
            raise _refused(text, f"the name {name!r} is not let in")
        case _:
            raise _refused(text, f"{type(node).__name__} is not let in")


def _call(node: ast.Call, text: str) -> tuple[Callable[..., float], list[ast.expr]]:
    if not isinstance(node.func, ast.Name) or node.func.id not in _FUNCTIONS:
        raise _refused(text, "it calls something that is not let in")
    function, least, most = _FUNCTIONS[node.func.id]
    if node.keywords or not least <= len(node.args) <= most:
        raise _refused(text, f"{node.func.id} takes {least} to {most} plain arguments")
    return function, node.args


def _refused(text: str, why: str) -> ExpressionError:
    return ExpressionError(f"the bound {text!r} is refused: {why}.", where="expression", allowed=_ALLOWED)
