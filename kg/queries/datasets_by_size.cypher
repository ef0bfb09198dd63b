MATCH (d:mls__Dataset)
WHERE d.quality__NumberOfInstances IS NOT NULL
  AND ($min_rows IS NULL OR d.quality__NumberOfInstances >= $min_rows)
  AND ($max_rows IS NULL OR d.quality__NumberOfInstances <= $max_rows)
RETURN $min_rows AS min_rows, $max_rows AS max_rows, d.iri AS dataset, d.dcterms__title AS title,
  d.quality__NumberOfInstances AS rows, d.quality__NumberOfFeatures AS columns, d.quality__NumberOfClasses AS classes
ORDER BY rows, dataset
