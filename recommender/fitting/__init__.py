"""Fits of a study: fold by fold, gone on with from one rung to the next, in a process that can be ended at any time."""
