"""What each part of the evidence is worth to a proposal, on data sets left out of the graph that ships."""

import os

# Small matrices: threads of the linear algebra only get in each other's way. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
