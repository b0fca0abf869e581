"""What makes tools that run inside the test process quick."""

import pytest


@pytest.fixture(autouse=True)
def quick_tools(quick_runners: None) -> None:
    """Every tool's Runner is a quick one."""
