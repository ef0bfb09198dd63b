MATCH (e:CostProfile)-[:learner]->(l:Resource {iri: $learner}), (e)-[:dataset]->(d:Resource)
WHERE e.`quantile__0.1` IS NOT NULL AND e.`quantile__0.5` IS NOT NULL AND e.`quantile__0.9` IS NOT NULL
RETURN l.iri AS learner, e.iri AS evidence, d.iri AS dataset, e.`quantile__0.1` AS low, e.`quantile__0.5` AS median,
  e.`quantile__0.9` AS high, e.memoryMb AS memoryMb, e.sampleSize AS n
ORDER BY dataset
