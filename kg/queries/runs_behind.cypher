MATCH (e:Resource {iri: $evidence})-[:topRuns]->(:Resource)-[member:rdf__member]->(run:Resource),
  (run)-[:mls__hasOutput]->(v:Resource)-[:mls__specifiedBy]->(m:Resource)
RETURN e.iri AS evidence, member.place AS place, run.iri AS run, m.iri AS metric, v.mls__hasValue AS score
ORDER BY place, metric
