"""LaTeX -> words: what a reader sees of a piece of source, with the edits that lead from one to the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from ingest.documents.building import assembled
from ingest.documents.model import Block, BlockKind, Edit

#: Commands that stand for a character.
_SYMBOLS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "eta": "η", "theta": "θ",
    "lambda": "λ", "mu": "μ", "nu": "ν", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "omega": "ω",
    "Delta": "Δ", "Lambda": "Λ", "Sigma": "Σ", "Omega": "Ω", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠",
    "times": "×", "cdot": "·", "pm": "±", "approx": "≈", "sim": "~", "in": "∈", "infty": "∞", "ldots": "...",
    "dots": "...", "cdots": "...", "to": "→", "rightarrow": "→", "ll": "≪", "gg": "≫", "quad": " ", "qquad": " ",
    "textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "textendash": "–", "log": "log", "exp": "exp",
    "min": "min", "max": "max", "sqrt": "√", "lbrace": "{", "rbrace": "}", "langle": "⟨", "rangle": "⟩", "newline": " ",
}  # fmt: skip
#: Commands of which the first argument is no text for a reader.
_NAMES = (
    r"label|ref|eqref|autoref|cref|Cref|pageref|cite[a-zA-Z]*|nocite|bibitem|index|vspace|hspace|phantom|color|textcolor"
    r"|input|include|includegraphics|bibliographystyle|pagestyle|thispagestyle|cmidrule|cline|href|cellcolor|rowcolor"
    r"|colorbox|scalebox|raisebox"
)
#: Commands of which the first two are none.
_PAIRS = r"multirow|setlength|addtolength|rule|resizebox|fontsize"
_OPTIONS = r"(?:\[[^\]]{0,500}\])*"
_ARGUMENT = r"\s*\{[^{}]{0,2000}\}"
_INNER = r"\s*\{([^{}]{1,80})\}"
_COLUMNS = r"\s*\{(?:[^{}]|\{[^{}]*\}){0,200}\}"
_TOKEN = re.compile(
    r"(?P<comment>%[^\n]*\n?)"
    r"|(?P<verb>\\(?:verb|lstinline)\*?(?:\[[^\]\n]{0,99}\])?(?P<bar>[^\w\s{*\[])(?P<shown>[^\n]{1,200}?)(?P=bar))"
    r"|(?P<code>\\(?:texttt|lstinline|code)\s*\{(?P<set>(?:[^{}$\\]|\\_){1,80})\})"
    rf"|(?P<names>\\(?:{_NAMES})(?![a-zA-Z])\*?\s*(?:\([^()]{{0,99}}\))?{_OPTIONS}(?:{_ARGUMENT})?)"
    rf"|(?P<pairs>\\(?:{_PAIRS})(?![a-zA-Z])\*?{_OPTIONS}(?:{_ARGUMENT}{_OPTIONS}(?:{_ARGUMENT}{_OPTIONS})?)?)"
    rf"|(?P<spanning>\\multicolumn\s*\{{(?P<columns>\d{{1,2}})\}}{_COLUMNS})"
    rf"|(?P<inner>\\begin\s*\{{(?:tabular|array)\}}(?:\[[^\]]{{0,20}}\])?{_COLUMNS})"
    r"|(?P<stack>\\(?:makecell|shortstack|thead)\s*\[[^\]]{0,20}\])"
    r"|(?P<environment>\\(?:begin|end)\s*\{[^{}]{0,100}\}(?:\[[^\]]{0,500}\])?)"
    rf"|(?P<fraction>\\(?:[dtc]?frac|nicefrac|sfrac){_INNER}{_INNER}|\\[dtc]?frac\s*(?P<digits>\d\d))"
    rf"|(?P<range>\\(?:num|SI|qty)range\s*{_OPTIONS}{_INNER}{_INNER})"
    rf"|(?P<quantity>\\(?:SI|qty)\s*{_OPTIONS}{_INNER}{_INNER})"
    r"|(?P<cell>&)"
    r"|(?P<line>\\\\(?:\[[^\]]{0,20}\])?\*?)"
    r"|(?P<escaped>\\[%&$#_{}])"
    r"|(?P<group>(?<=\d)(?:\\,|\{,\})(?=\d{3}(?!\d)))"
    r"|(?P<space>\\[,;:! ]|~)"
    r"|(?P<bracket>\\(?:left|right|big|Big|bigl|bigr)(?![a-zA-Z])\s*\.?)"
    r"|(?P<command>\\[a-zA-Z@]+\*?)"
    r"|(?P<other>\\.)"
    r"|(?P<power>\^\s*\{[^{}]{1,40}\})"
    r"|(?P<mark>[{}$])"
    r"|(?P<quote>``|'')"
    r"|(?P<dash>---?(?!-))"
    r"|(?P<words>(?:[^\\{}$&%~^`'-]|-(?!-))+|.)",
    re.DOTALL,
)
#: Commands that a document defines, without arguments, and what a reader sees of them.
Macros: TypeAlias = Mapping[str, str]
_NO_MACROS: Macros = {}
_DEFINITION = re.compile(
    r"\\(?:(?:re|provide)?newcommand\*?|def|gdef|DeclareMathOperator\*?)\s*\{?\s*\\(?P<name>[A-Za-z]+)\s*\}?\s*"
    r"\{(?P<body>(?:[^{}#]|\{(?:[^{}#]|\{[^{}#]*\})*\}){1,200})\}"
)
#: Longest reading of a macro: what is longer is no name of something.
_LONGEST_MACRO = 200


def macros_in(source: str) -> Macros:
    """Return the macros without arguments that `source` defines, by their names; those made of earlier ones as well."""
    found: dict[str, str] = {}
    for match in _DEFINITION.finditer(re.sub(r"(?<!\\)%[^\n]*", "", source)):
        shown = "".join(_shown(token, found) for token in _TOKEN.finditer(match["body"])).strip()
        if len(shown) <= _LONGEST_MACRO:
            found[match["name"]] = re.sub(r"\s+", " ", shown)
    return found


def latex_words(source: str, macros: Macros = _NO_MACROS) -> tuple[str, tuple[Edit, ...]]:
    """Return a piece of LaTeX with white space squeezed, and the edits that lead to what a reader sees of it.

    Args:
        source: The piece.
        macros: What the document's own commands stand for.
    """
    return assembled((match.group(), _shown(match, macros)) for match in _TOKEN.finditer(source))


def reading(source: str, macros: Macros = _NO_MACROS) -> str:
    """Return what a reader sees of a piece of LaTeX, white space squeezed."""
    text, edits = latex_words(source, macros)
    return Block(kind=BlockKind.PARAGRAPH, text=text, edits=edits).reading.strip()


def _shown(match: re.Match[str], macros: Macros) -> str:
    kind, token = match.lastgroup or "", match.group()
    if kind == "words":
        return token
    if kind == "command":
        name = token[1:].rstrip("*")
        return _SYMBOLS[name] if name in _SYMBOLS else macros.get(name, "")
    if kind == "escaped":
        return token[1]
    if kind in _SHOWN:
        return _SHOWN[kind](match)
    return {"cell": "|", "line": " ", "space": " ", "quote": '"', "group": ","}.get(kind, "")


def _power(match: re.Match[str]) -> str:
    inner = re.sub(r"[\s$\\]", "", match["power"][match["power"].index("{") + 1 : -1])
    return f"^{inner}" if re.fullmatch(r"[-+\w.]+", inner) else f"^({inner})"


def _fraction(match: re.Match[str]) -> str:
    if match["digits"]:
        return "/".join(match["digits"])
    parts = [_simple(part) for part in _arguments(match["fraction"])]
    return "/".join(part if re.fullmatch(r"[\w.]+", part) else f"({part})" for part in parts)


def _arguments(token: str) -> list[str]:
    return re.findall(r"\{([^{}]*)\}", token)


def _simple(source: str) -> str:
    return "".join(_shown(match, _NO_MACROS) for match in _TOKEN.finditer(source)).strip()


def _quantity(match: re.Match[str]) -> str:
    number, unit = _arguments(match["quantity"])
    return f"{number} {re.sub(r'[^A-Za-z%]+', ' ', unit.replace('percent', '%')).strip()}"


#: What a reader sees of tokens that are more than a word.
_SHOWN: Mapping[str, Callable[[re.Match[str]], str]] = {
    "power": _power,
    "fraction": _fraction,
    "range": lambda match: " to ".join(_arguments(match["range"])),
    "quantity": _quantity,
    "verb": lambda match: f"`{match['shown']}`",
    "code": lambda match: "`" + match["set"].replace("\\", "") + "`",
    "spanning": lambda match: "| " * (int(match["columns"]) - 1),
    "dash": lambda match: "–" if len(match["dash"]) == 2 else "—",
}
