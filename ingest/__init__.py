"""How knowledge gets into the graph."""
