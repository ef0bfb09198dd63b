"""Draws ``docs/reference/ontology.svg`` from the terms: ``python docs/tools/ontology_picture.py``.

Boxes are classes with their subclasses or individuals; arrows are object properties, from their domain (evidence, where
none is laid down) to their range; ordered lists (``rdf:Seq``) are left out. What ML-Schema itself says of runs is drawn
in grey.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from rdflib import OWL, RDF, RDFS, Graph, URIRef
from rdflib.term import Node

ROOT = Path(__file__).resolve().parents[2]
TERMS = ROOT / "kg" / "ontology" / "tunegraph.ttl"
PICTURE = ROOT / "docs" / "reference" / "ontology.svg"

LINE, TITLE, WIDTH, GAP, TOP = 18, 26, 230, 26, 40
#: Where boxes stand: three columns, top to bottom. A class that is named nowhere goes to the end of the last.
COLUMNS = (
    ("tg:Evidence", "tg:Standing"),
    ("mls:Run", "mls:Dataset", "mls:Implementation", "mls:EvaluationMeasure", "mls:HyperParameter",
     "mls:HyperParameterSetting"),
    ("tg:SearchSpace", "tg:ParameterRange", "tg:FidelityKind", "mls:Task", "prov:Entity", "prov:Activity"),
)  # fmt: skip
COLUMN_X = (110, 620, 1030)
#: The middle column begins lower, so that the first arrow to the last one passes above it.
COLUMN_TOP = (TOP, TOP + 36, TOP)
LEGEND = "Blue: terms of Tunegraph (tg:). Grey: terms of ML-Schema (mls:) and PROV-O (prov:)."
#: Of ML-Schema (https://www.w3.org/2016/10/mls/), as runs use it, and of PROV-O.
OTHERS = (
    ("mls:Run", "mls:executes", "mls:Implementation"),
    ("mls:Run", "mls:hasInput", "mls:Dataset"),
    ("mls:Run", "prov:wasDerivedFrom", "prov:Entity"),
    ("mls:Run", "prov:wasGeneratedBy", "prov:Activity"),
)


@dataclass
class Box:
    """A class as it is drawn."""

    name: str
    members: list[str]
    x: int = 0
    y: int = 0
    least: int = 0

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return max(self.least, TITLE + LINE * len(self.members) + 8)

    def svg(self) -> str:
        """Return the box and its lines."""
        ours = self.name.startswith("tg:")
        fill, edge = ("#e8eaf6", "#3f51b5") if ours else ("#f5f5f5", "#757575")
        lines = [
            f'<rect x="{self.x}" y="{self.y}" width="{WIDTH}" height="{self.height}" rx="4" fill="{fill}"'
            f' stroke="{edge}"/>',
            f'<text x="{self.x + 10}" y="{self.y + 18}" font-weight="bold">{escape(self.name)}</text>',
        ]
        lines += [
            f'<text x="{self.x + 20}" y="{self.y + TITLE + 13 + LINE * i}">{escape(member)}</text>'
            for i, member in enumerate(self.members)
        ]
        return "\n".join(lines)


def terms() -> Graph:
    """Return the ontology."""
    return Graph().parse(TERMS, format="turtle")


def name_of(graph: Graph, term: Node) -> str:
    """Return a term with its prefix, such as ``tg:Evidence``."""
    return URIRef(term).n3(graph.namespace_manager)


def parent(graph: Graph, term: Node) -> Node:
    """Return the class within whose box `term` is drawn: the topmost of ours, or of ML-Schema, above it."""
    above = graph.value(term, RDFS.subClassOf)
    return term if above is None or not name_of(graph, above).startswith(("tg:", "mls:")) else parent(graph, above)


def boxes(graph: Graph) -> dict[str, Box]:
    """Return a box for each class that is drawn, with its subclasses and individuals in it."""
    found: dict[str, Box] = {name: Box(name, []) for column in COLUMNS for name in column}
    for term in sorted(graph.subjects(RDF.type, OWL.Class)):
        top = name_of(graph, parent(graph, term))
        box = found.setdefault(top, Box(top, []))
        if name_of(graph, term) != top:
            box.members.append(name_of(graph, term))
        box.members += sorted(name_of(graph, one) for one in graph.subjects(RDF.type, term))
    return found


def arrows(graph: Graph) -> dict[tuple[str, str], list[str]]:
    """Return the object properties between boxes: (from, to) -> names."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for term in sorted(graph.subjects(RDF.type, OWL.ObjectProperty)):
        to = graph.value(term, RDFS.range)
        if to is None or to == RDF.Seq:
            continue
        of = graph.value(term, RDFS.domain)
        start = "tg:Evidence" if of is None else name_of(graph, parent(graph, of))
        found[start, name_of(graph, parent(graph, to))].append(name_of(graph, term))
    return found


def place(found: dict[str, Box]) -> int:
    """Give every box its place; return the height of the picture."""
    placed = {name for column in COLUMNS for name in column}
    columns = [list(column) for column in COLUMNS]
    columns[-1] += sorted(found.keys() - placed)
    bottoms = []
    for x, top, names in zip(COLUMN_X, COLUMN_TOP, columns, strict=True):
        y = top
        for name in names:
            found[name].x, found[name].y = x, y
            y += found[name].height + GAP
        bottoms.append(y)
    return max(bottoms)


def arrow(start: Box, end: Box, label: str, *, grey: bool, slot: int) -> str:
    """Return one arrow and its label."""
    colour = "#9e9e9e" if grey else "#3f51b5"
    y2 = end.y + 14 + 15 * slot
    if start.x == end.x:  # along a side of the column: on the right where the left is taken by other arrows
        out = 1 if grey else -1
        x, y1 = start.x + (WIDTH if grey else 0), start.y + start.height - 8
        path = f"M {x} {y1} C {x + 26 * out} {y1}, {x + 26 * out} {y2}, {x + 2 * out} {y2}"
        anchor = "start" if grey else "end"
        text = f'<text x="{x + 24 * out}" y="{y2 - 4}" text-anchor="{anchor}" class="s">{escape(label)}</text>'
    else:
        x1, x2 = start.x + WIDTH, end.x - 2
        y1 = min(max(y2, start.y + 10), start.y + start.height - 6)
        path = f"M {x1} {y1} C {x1 + 50} {y1}, {x2 - 110} {y2}, {x2} {y2}"
        text = f'<text x="{x2 - 6}" y="{y2 - 4}" text-anchor="end" class="s">{escape(label)}</text>'
    return f'<path d="{path}" fill="none" stroke="{colour}" marker-end="url(#tip)"/>\n{text}'


def picture(graph: Graph) -> str:
    """Return the picture as SVG: the same terms, the same text."""
    found = boxes(graph)
    height = place(found)
    found["tg:Evidence"].least = height - TOP - GAP - found["tg:Standing"].height - GAP
    height = max(height, place(found))
    edges = [(start, end, ", ".join(names), False) for (start, end), names in arrows(graph).items()]
    edges += [(start, end, name, True) for start, name, end in OTHERS]
    slots: dict[str, int] = defaultdict(int)
    drawn = []
    for start, end, label, grey in edges:
        if start in found and end in found and start != end:
            drawn.append(arrow(found[start], found[end], label, grey=grey, slot=slots[end]))
            slots[end] += 1
    body = "\n".join([*drawn, *(box.svg() for box in found.values())])  # lines pass below boxes
    width = COLUMN_X[-1] + WIDTH + 20
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>The ontology: classes and the properties between them</title>
<style>text {{ font: 13px sans-serif; fill: #212121 }} .s {{ font-size: 11px }}</style>
<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="3" orient="auto">\
<path d="M0,0 L7,3 L0,6 z" fill="#616161"/></marker></defs>
<rect width="{width}" height="{height}" fill="#ffffff"/>
<text x="{COLUMN_X[0]}" y="22" class="s">{LEGEND}</text>
{body}
</svg>
"""


if __name__ == "__main__":
    PICTURE.write_text(picture(terms()), encoding="utf-8")
