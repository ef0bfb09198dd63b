"""LaTeX -> words: what a reader sees of a piece of source, with the edits that lead from one to the other."""

from __future__ import annotations

import re

from ingest.documents.building import assembled
from ingest.documents.model import Edit

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
#: Commands whose first argument is no text for a reader.
_NAMES = (
    r"label|ref|eqref|autoref|cref|Cref|pageref|cite[a-zA-Z]*\*?|nocite|bibitem|index|vspace|hspace|rule|phantom"
    r"|color|textcolor|input|include|includegraphics|bibliographystyle|pagestyle|thispagestyle|setlength"
    r"|cmidrule|cline|multirow|multicolumn\{\d+\}"
)
_TOKEN = re.compile(
    r"(?P<comment>(?<!\\)%[^\n]*\n?)"
    rf"|(?P<names>\\(?:{_NAMES})\s*(?:\([^()]{{0,99}}\))?(?:\[[^\]]{{0,500}}\])*(?:\{{[^{{}}]{{0,2000}}\}})*)"
    r"|(?P<environment>\\(?:begin|end)\s*\{[^{}]{0,100}\}(?:\[[^\]]{0,500}\])?)"
    r"|(?P<cell>(?<!\\)&)"
    r"|(?P<line>\\\\(?:\[[^\]]{0,20}\])?\*?)"
    r"|(?P<escaped>\\[%&$#_{}])"
    r"|(?P<space>\\[,;:! ]|~)"
    r"|(?P<bracket>\\(?:left|right|big|Big|bigl|bigr)(?![a-zA-Z])\s*\.?)"
    r"|(?P<command>\\[a-zA-Z@]+\*?)"
    r"|(?P<other>\\.)"
    r"|(?P<power>\^\s*\{[^{}]{1,40}\})"
    r"|(?P<mark>[{}$])"
    r"|(?P<quote>``|'')"
    r"|(?P<words>[^\\{}$&%~^`']+|.)",
    re.DOTALL,
)


def latex_words(source: str) -> tuple[str, tuple[Edit, ...]]:
    """Return a piece of LaTeX with white space squeezed, and the edits that lead to what a reader sees of it."""
    return assembled((match.group(), _shown(match)) for match in _TOKEN.finditer(source))


def _shown(match: re.Match[str]) -> str:
    kind, token = match.lastgroup, match.group()
    if kind == "words":
        return token
    if kind == "command":
        return _SYMBOLS.get(token[1:].rstrip("*"), "")
    if kind == "escaped":
        return token[1]
    if kind == "power":
        inner = re.sub(r"[\s$\\]", "", token[token.index("{") + 1 : -1])
        return f"^{inner}" if re.fullmatch(r"[-+\w.]+", inner) else f"^({inner})"
    return {"cell": "|", "line": " ", "space": " ", "quote": '"'}.get(kind or "", "")
