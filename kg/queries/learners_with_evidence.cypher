MATCH (e:Evidence)-[:learner]->(l:Resource)
OPTIONAL MATCH (e)-[:dataset]->(d:Resource)
WITH l.iri AS learner, count(DISTINCT e.iri) AS pieces, count(DISTINCT d.iri) AS datasets
RETURN learner, pieces, datasets
ORDER BY pieces DESC, learner
