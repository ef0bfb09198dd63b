"""OpenML as a living source: fetched into a mirror of raw files, then read from it like any other.

fetch.py     what is new -> the mirror: <home>/raw/openml
  listing.py   one list of evaluations, page by page, from where the mirror ends
  client.py    one thing from the server (the only importer of the `openml` package)
  session.py   its HTTP: one at a time, not too fast, too large or too slow
  limits.py    how fast, how large, how often again
  mirror.py    the raw files
"""
