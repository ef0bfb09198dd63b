MATCH (e:Evidence)-[:dataset]->(d:Resource {iri: $dataset}), (e)-[:standing]->(s:Resource)
OPTIONAL MATCH (e)-[:learner]->(l:Resource)
OPTIONAL MATCH (e)-[:metric]->(m:Resource)
WITH e, d, s, l, m, [label IN labels(e) WHERE NOT label IN ['Resource', 'Evidence']] AS kinds
UNWIND kinds AS name
RETURN d.iri AS dataset, l.iri AS learner, e.iri AS evidence, 'https://w3id.org/tunegraph/ns#' + name AS kind,
  m.iri AS metric, s.iri AS standing, e.sampleSize AS n
ORDER BY learner IS NOT NULL, learner, kind, metric IS NOT NULL, metric, evidence
