MATCH (from:Resource)<-[:dcterms__source]-(s:prov__Entity)<-[:prov__wasDerivedFrom]-(i:Resource)
WHERE s.dcterms__license IS NOT NULL AND s.`retrieved@date` IS NOT NULL
OPTIONAL MATCH (i)-[:prov__wasGeneratedBy]->(a:Resource)-[:prov__wasAssociatedWith]->(w:Resource)
WITH from.iri AS source, s.dcterms__license AS licence, s.dcat__landingPage AS url, s.dcat__version AS version,
  s.`retrieved@date` AS day, a.`prov__startedAtTime@dateTime` AS ingested, a.sourceDigest AS digest,
  w.iri AS software, count(DISTINCT i.iri) AS items
RETURN source, licence, url, version, day AS `retrieved@date`, ingested, digest, software, items
ORDER BY source, day, version IS NOT NULL, version, ingested IS NOT NULL, ingested
