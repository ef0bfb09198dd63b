MATCH (h:Resource {iri: $learner + '/hyperparameter/' + $name_segment})<-[:parameter]-(q:Resource)<-[:quantiles]-(e:Resource),
  (e)-[:learner]->(l:Resource {iri: $learner}), (e)-[:metric]->(m:Resource), (e)-[:dataset]->(d:Resource)
WHERE $metric IS NULL OR m.iri = $metric
WITH e, l, m, d, q, [key IN keys(q) WHERE key STARTS WITH 'quantile__'] AS levels
UNWIND levels AS level_key
RETURN l.iri AS learner, $name AS name, m.iri AS metric, d.iri AS dataset, e.iri AS evidence,
  toFloat(substring(level_key, 10)) AS level, q[level_key] AS value, e.sampleSize AS n
ORDER BY metric, dataset, level IS NOT NULL, level
