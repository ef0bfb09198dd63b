MATCH (e:ResponseModel)-[:learner]->(l:Resource), (e)-[:metric]->(m:Resource), (e)-[:dataset]->(d:Resource)
WITH l.iri AS learner, m.iri AS metric, count(DISTINCT d.iri) AS datasets
RETURN learner, metric, datasets
ORDER BY learner, metric
