"""What stopping rules save and give up on the transfer sampler's own traces, each data set left out in turn."""

import os

# Small matrices: threads of the linear algebra only get in each other's way. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
