"""Fixtures that many tests share."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real evidence beside the checkout; the test is skipped where there is none."""
    if not SHARED.is_dir():
        pytest.skip(f"the evidence folder {SHARED} is not there")
    return SHARED
