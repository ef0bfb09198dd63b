"""The graph to walk in: data sets, learners, hyper-parameters by source, texts, and free questions.

Pure functions from a store to rows.
"""
