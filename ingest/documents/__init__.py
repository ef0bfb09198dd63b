"""Documents: PDF, LaTeX, HTML, Markdown, reStructuredText and notebooks -> blocks of text with section and page."""
