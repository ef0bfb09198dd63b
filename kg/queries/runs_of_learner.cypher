MATCH (r:mls__Run)-[:mls__executes]->(l:Resource {iri: $learner}), (r)-[:mls__hasInput]->(d:Resource),
  (r)-[:mls__hasOutput]->(v:Resource)-[:mls__specifiedBy]->(m:Resource)
WHERE NOT d:mls__HyperParameterSetting
  AND ($dataset IS NULL OR d.iri = $dataset) AND ($metric IS NULL OR m.iri = $metric)
RETURN l.iri AS learner, d.iri AS dataset, r.iri AS run, m.iri AS metric, v.mls__hasValue AS score, r.seconds AS seconds
ORDER BY dataset, metric, score DESC, run
