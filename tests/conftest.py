"""How long Hypothesis searches: $HYPOTHESIS_PROFILE names ``dev`` (the default), ``ci`` or ``deep``."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

# No deadlines anywhere: a busy machine is no defect. What must stay quick is measured in benchmarks.
settings.register_profile("dev", deadline=None, max_examples=50)
# Derandomised: the same change gives the same verdict. Not shrunk, which may take minutes: `dev` does that.
_UNSHRUNK = tuple(phase for phase in Phase if phase is not Phase.shrink)
settings.register_profile("ci", deadline=None, max_examples=100, derandomize=True, phases=_UNSHRUNK)
_SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]  # how it is drawn, not what is
settings.register_profile("deep", deadline=None, max_examples=1_000, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
