"""Learning from other data sets while tuning: the numerics behind `recommender.sampler`."""
