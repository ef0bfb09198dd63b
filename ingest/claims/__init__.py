"""Claims: statements on how to configure, found in documents, each with its verbatim quote."""
