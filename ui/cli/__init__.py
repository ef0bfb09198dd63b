"""The command line: ``tunegraph recommend | tune | validate | explain | ingest | forget | query``.

Exit codes: 0 done; 1 done, and the answer is no (a proposal that may not be shown, a store that cannot be opened);
2 the input is wrong, and the message says what, where, and what is allowed; 130 interrupted.
"""

from ui.cli.app import app, main

__all__ = ["app", "main"]
