"""The front door: ``from tunegraph import autoconfigure``."""
