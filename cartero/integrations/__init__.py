"""cartero in frameworks: one room each, which needs that framework; each knows nothing of the others."""
