"""The fault corpus: faults planted in sound proposals, and how many of them the gate finds."""
