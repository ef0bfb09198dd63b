"""The seven stages of the gate, one module each, in the order in which they are asked."""
