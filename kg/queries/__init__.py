"""One question, one file: SPARQL (`.rq`) and Cypher (`.cypher`) of the same name."""
