"""Scripted models of every temper over the real graph: what a model that is wrong can do, and what it cannot."""
