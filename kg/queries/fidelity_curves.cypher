MATCH (e:FidelityCurve)-[:learner]->(l:Resource {iri: $learner}), (e)-[:dataset]->(d:Resource),
  (e)-[:metric]->(m:Resource), (e)-[:fidelity]->(f:Resource), (e)-[:points]->(point:Resource)
WHERE $metric IS NULL OR m.iri = $metric
RETURN l.iri AS learner, m.iri AS metric, e.iri AS evidence, d.iri AS dataset, f.iri AS fidelity, e.full AS full,
  e.score AS fullScore, point.value AS level, point.score AS score, point.change AS change,
  point.bestLowChange AS bestLowChange, point.bestChange AS bestChange, point.bestHighChange AS bestHighChange,
  point.configurations AS configurations
ORDER BY dataset, metric, level
