MATCH (e:PublishedSpace)-[:learner]->(l:Resource {iri: $learner}),
  (e)-[:space]->(:Resource)-[:parameterRange]->(r:Resource {rdfs__label: $name}),
  (e)-[:prov__wasDerivedFrom]->(:Resource)-[:dcterms__source]->(from:Resource)
WHERE e.dcterms__title IS NOT NULL AND e.dcterms__bibliographicCitation IS NOT NULL
WITH e, l, r, from, r.low IS NOT NULL AND r.high IS NOT NULL AND r.log IS NOT NULL AS ranged
RETURN l.iri AS learner, $name AS name, e.iri AS evidence, e.dcterms__title AS space,
  CASE WHEN ranged THEN r.low END AS low, CASE WHEN ranged THEN r.high END AS high,
  CASE WHEN ranged THEN r.log END AS log, r.value AS constant,
  e.dcterms__bibliographicCitation AS citation, from.iri AS source
ORDER BY source, space
