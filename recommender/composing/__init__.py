"""From evidence to a proposal, with no language model."""
