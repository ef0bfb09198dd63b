"""The learner registry."""
