MATCH (r:Resource:mls__Run {iri: $run})-[:mls__hasInput]->(s:mls__HyperParameterSetting)-[:mls__specifiedBy]->(h:Resource)
RETURN r.iri AS run, h.iri AS hyperparameter, s.mls__hasValue AS value
ORDER BY hyperparameter
