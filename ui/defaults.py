"""What holds where nothing else is said, on every screen; imports nothing, so that ``--help`` stays quick."""

from __future__ import annotations

from typing import Final

#: Seconds that the gate may spend on test runs.
TEST_RUN_SECONDS: Final = 30.0
#: Seconds that a language model may take.
LLM_SECONDS: Final = 120.0
#: Configurations to begin with.
N_WARM_STARTS: Final = 10
