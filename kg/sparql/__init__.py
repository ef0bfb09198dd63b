"""SPARQL queries from anyone: read before they are answered, within limits, in the forms of the standard."""
