MATCH (e:ParameterImportance)-[:learner]->(l:Resource {iri: $learner}), (e)-[:metric]->(m:Resource),
  (e)-[:dataset]->(d:Resource), (e)-[:importances]->(entry:Resource)-[:hyperparameter]->(h:Resource)
WHERE $metric IS NULL OR m.iri = $metric
WITH l.iri AS learner, m.iri AS metric, h.iri AS hyperparameter, avg(entry.share) AS meanShare,
  max(entry.share) AS maxShare, count(DISTINCT d.iri) AS datasets
RETURN learner, metric, hyperparameter, meanShare, maxShare, datasets
ORDER BY metric, meanShare DESC, hyperparameter
