"""How soon the transfer sampler finds good configurations on data sets that are left out of the evidence."""

import os

# Small matrices: threads of the linear algebra only get in each other's way. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
