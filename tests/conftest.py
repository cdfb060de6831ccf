"""What holds for all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# How long an example takes on the clock is said by what else the machine does, not by the code under test.
settings.register_profile("apimig", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("apimig")
