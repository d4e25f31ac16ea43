"""How long Hypothesis searches: $HYPOTHESIS_PROFILE names ``dev`` (the default), ``ci`` or ``deep``."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# No deadlines anywhere: a busy machine is no defect. What must stay quick is measured in benchmarks.
settings.register_profile("dev", deadline=None, max_examples=50)
# Derandomised: the same change gives the same verdict.
settings.register_profile("ci", deadline=None, max_examples=100, derandomize=True)
settings.register_profile("deep", deadline=None, max_examples=5_000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
