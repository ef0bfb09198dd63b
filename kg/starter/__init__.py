"""The graph that ships with the distribution."""
