MATCH (e:SystemResult)-[:dataset]->(d:Resource), (e)-[:metric]->(m:Resource)
WHERE e.system IS NOT NULL AND e.tuned IS NOT NULL AND e.`constraint` IS NOT NULL AND e.score IS NOT NULL
  AND ($dataset IS NULL OR d.iri = $dataset) AND ($metric IS NULL OR m.iri = $metric)
OPTIONAL MATCH (e)-[:learner]->(l:Resource)
RETURN d.iri AS dataset, m.iri AS metric, e.system AS system, l.iri AS learner, e.tuned AS tuned,
  e.`constraint` AS `constraint`, e.score AS score, e.seconds AS seconds, e.iri AS evidence
ORDER BY dataset, metric, system, tuned
