"""Small documents of each format, and a PDF made by hand."""

from collections.abc import Iterable


def pdf_of(*pages: bytes) -> bytes:
    """Return a PDF of pages in Helvetica; a page is what `put` gives."""
    parts = [b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    parent = 2 * len(pages) + 2
    for page in pages:
        parts.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page))
        shown = b"/Contents %d 0 R /Resources << /Font << /F1 1 0 R >> >>" % len(parts)
        parts.append(b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 612 792] %s >>" % (parent, shown))
        kids.append(b"%d 0 R" % len(parts))
    parts.append(b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids)))
    parts.append(b"<< /Type /Catalog /Pages %d 0 R >>" % parent)
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    tail = b"trailer << /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(parts) + 1, len(parts), len(out))
    return out + head + table + tail


def put(x: float, y: float, text: str, size: float = 10) -> bytes:
    """Return the drawing of a text."""
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /F1 {size} Tf {x} {y} Td ({escaped}) Tj ET\n".encode("cp1252")


def lines(x: float, y: float, texts: Iterable[str], *, leading: float = 12, size: float = 10) -> bytes:
    """Return the drawing of texts below each other."""
    return b"".join(put(x, y - leading * number, text, size) for number, text in enumerate(texts))


MARKDOWN = """---
title: "Tuning trees"
license: MIT
---

# Trees

Use a *small* learning rate,
such as `0.1`.

> Set the depth
> to at most 8.

- batch sizes: 8, 16, 32

| Parameter | Range |
|---|---|
| `max_depth` | [1, 15] |

<!-- Try 10<sup>3</sup> first. -->

<table><caption>Table 1: Spaces</caption><tr><th>Name</th><th>High</th></tr>
<tr><td>gamma</td><td>2<sup>6</sup></td></tr></table>

## References

- Someone (2020). A paper.

```python
grid = {'depth': [4, 6, 10]}
```
"""

RST = """
=====
Trees
=====

.. note:: Set ``eta`` low.

   A second paragraph
   of the note.

* ``max_depth`` [default=6]

  - range: [0, inf]

.. include:: /etc/passwd
.. raw:: html
   :file: /etc/passwd

Growing
-------

+-----------+-------------+
| Parameter | Values      |
+===========+=============+
| ``eta``   | ``{0.1,     |
|           | 0.3}``      |
+-----------+-------------+

=======  =====
Name     Value
=======  =====
gamma    0.5
=======  =====

Grow them like this::

    params = {"eta": 0.3}

.. Hidden advice: use 5 folds.
"""

LATEX = r"""
\documentclass{article}
\title{Boosting \emph{well}}
\begin{document}
\section{Settings}\label{sec:s}
Models with $4 \leq J \leq 8$ do best~\cite{x}, at $10^{-3}$. % aside
\begin{itemize}
\item \texttt{ntrees}: The default is 50.
\end{itemize}
\begin{table}\caption{Search space.}
\begin{tabular}{ll}
\toprule Name & Range \\ \midrule
learn\_rate & $[0.01, 2^{3}]$ \\ \bottomrule
\end{tabular}
\end{table}
\begin{verbatim}
gbm(ntrees = 50)
\end{verbatim}
\begin{thebibliography}{9}
\bibitem{x} Someone. A paper. 2001.
\end{thebibliography}
\end{document}
"""

HTML = """<!doctype html><html><head><title>Guide</title><style>p {color: red}</style>
<link rel="license" href="https://creativecommons.org/licenses/by/4.0/"></head>
<body><nav>Home</nav><h1>Guide</h1><p>Use a depth of <b>6</b>, at most 2<sup>3</sup>.
<p>Another one.<script>alert(1)</script>
<ul><li>eta &lt; 0.3<li>gamma</ul>
<table><caption>Spaces</caption><tr><th>Name</th><th>Range</th></tr>
<tr><td>eta</td><td>[0.01, 1]</td></tr></table>
<pre>fit(eta=0.1)
predict()</pre><!-- hidden: 5 --></body></html>
"""

NOTEBOOK = """{"cells": [
 {"cell_type": "markdown", "source": ["# Tuning\\n", "Use 10 trials."]},
 {"cell_type": "code", "source": ["grid = {'depth': [4, 6]}"], "outputs": []},
 {"cell_type": "code"}], "nbformat": 4}
"""

PYTHON = '''"""
Pruning
=======

The default pruner is the median.
"""

import os

# A remark.
alpha = 1e-5

####################################
# For random sampling, the median
# pruner is the best.
print(alpha)
'''
