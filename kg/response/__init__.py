"""How a learner answers to its configuration: encoding and Gaussian processes."""
