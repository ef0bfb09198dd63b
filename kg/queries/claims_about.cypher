MATCH (e:Claim)-[:learner]->(l:Resource {iri: $learner})
WHERE e.statement IS NOT NULL AND e.quote IS NOT NULL AND e.document IS NOT NULL
OPTIONAL MATCH (e)-[:hyperparameter]->(h:Resource)
WITH e, l, h
WHERE $name IS NULL OR h.iri = l.iri + '/hyperparameter/' + $name_segment
RETURN l.iri AS learner, $name AS name, e.iri AS evidence, e.statement AS statement, e.quote AS quote,
  e.document AS document, e.section AS section, e.page AS page, e.low AS low, e.high AS high, e.log AS log
ORDER BY document, page IS NOT NULL, page, evidence
