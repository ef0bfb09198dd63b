MATCH (e:Evidence)-[:learner]->(l:Resource {iri: $learner}), (e)-[:standing]->(s:Resource)
OPTIONAL MATCH (e)-[:dataset]->(d:Resource)
OPTIONAL MATCH (e)-[:metric]->(m:Resource)
WITH e, l, s, d, m, [label IN labels(e) WHERE NOT label IN ['Resource', 'Evidence']] AS kinds
WHERE ($dataset IS NULL OR d.iri = $dataset) AND ($metric IS NULL OR m.iri = $metric)
UNWIND kinds AS name
RETURN l.iri AS learner, e.iri AS evidence, 'https://w3id.org/tunegraph/ns#' + name AS kind, d.iri AS dataset,
  d.dcterms__title AS title, m.iri AS metric, s.iri AS standing, e.sampleSize AS n
ORDER BY kind, dataset IS NOT NULL, dataset, metric IS NOT NULL, metric, evidence
