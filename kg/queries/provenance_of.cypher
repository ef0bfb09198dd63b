MATCH (i:Resource {iri: $item})-[:prov__wasDerivedFrom]->(s:Resource)-[:dcterms__source]->(from:Resource)
WHERE s.dcterms__license IS NOT NULL AND s.`retrieved@date` IS NOT NULL
OPTIONAL MATCH (i)-[:prov__wasGeneratedBy]->(a:Resource)-[:prov__wasAssociatedWith]->(w:Resource)
RETURN i.iri AS item, from.iri AS source, s.dcterms__license AS licence, s.dcat__landingPage AS url,
  s.dcat__version AS version, s.`retrieved@date` AS `retrieved@date`, i.locator AS locator, a.iri AS activity,
  a.`prov__startedAtTime@dateTime` AS ingested, a.sourceDigest AS digest, w.iri AS software
