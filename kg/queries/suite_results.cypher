MATCH (e:SuiteResult)
WHERE e.dcterms__bibliographicCitation IS NOT NULL AND e.suite IS NOT NULL AND e.measure IS NOT NULL
  AND e.greaterIsBetter IS NOT NULL AND e.`constraint` IS NOT NULL AND e.system IS NOT NULL AND e.score IS NOT NULL
  AND ($suite IS NULL OR e.suite = $suite) AND ($system IS NULL OR e.system = $system)
RETURN e.suite AS suite, e.measure AS measure, e.greaterIsBetter AS greaterIsBetter, e.`constraint` AS `constraint`,
  e.system AS system, e.score AS score, e.sampleSize AS n, e.dcterms__bibliographicCitation AS citation, e.iri AS evidence
ORDER BY suite, measure, `constraint`, score
