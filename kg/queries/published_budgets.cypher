MATCH (e:PublishedBudget)
WHERE e.dcterms__title IS NOT NULL AND e.dcterms__bibliographicCitation IS NOT NULL
  AND ($name IS NULL OR e.dcterms__title = $name)
RETURN e.dcterms__title AS name, e.trialsLow AS trialsLow, e.trialsHigh AS trialsHigh,
  e.trialsPerParameter AS trialsPerParameter, e.timeLimitS AS timeLimitS, e.perTrialS AS perTrialS,
  e.nFolds AS nFolds, e.nCores AS nCores, e.dcterms__bibliographicCitation AS citation, e.iri AS evidence
ORDER BY name
