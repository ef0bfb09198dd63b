"""What can be said of budget, space, fidelity, termination and prediction by looking at them alone."""
