"""What to do: from evidence to a checked proposal and an Optuna study."""
