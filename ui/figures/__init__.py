"""Pictures as specifications: pure functions from rows to charts with units; names from data are plain text."""
