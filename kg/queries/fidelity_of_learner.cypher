MATCH (e:FidelityProfile)-[:learner]->(l:Resource {iri: $learner}), (e)-[:dataset]->(d:Resource),
  (e)-[:metric]->(m:Resource), (e)-[:fidelity]->(f:Resource), (e)-[:levels]->(entry:Resource)
RETURN l.iri AS learner, e.iri AS evidence, d.iri AS dataset, m.iri AS metric, f.iri AS fidelity, e.full AS full,
  entry.value AS level, entry.rankCorrelation AS rankCorrelation, entry.costRatio AS costRatio
ORDER BY dataset, metric, level
