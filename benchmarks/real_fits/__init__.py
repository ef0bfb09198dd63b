"""Whole runs on real tables: what is recommended and tuned here beside what others find in the same wall clock.

    python -m benchmarks.real_fits --data FOLDER --peers PYTHON

`tables` lays 15 tables out as training and test files. Each contestant reads these in a process of its own, has the
same seconds, and writes its predictions: ours by `ours`, those of other packages by `peers`, in an environment of
their own. `standing` scores them all in the same way.
"""
