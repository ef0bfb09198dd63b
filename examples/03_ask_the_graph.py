"""Ask the graph: which learners it knows, what ranges others lay down, and anything else in SPARQL."""

from tunegraph import Tunegraph

graph = Tunegraph().store

print("Learners with evidence")
for row in graph.ask("learners_with_evidence"):
    print(f"  {row['learner'].rsplit('/', 1)[-1]}: {row['pieces']} pieces, {row['datasets']} data sets")

print("\nWhere to search the learning rate of XGBoost, by source")
for row in graph.ask("published_ranges", {"learner": "xgboost", "name": "learning_rate"}):
    span = f"{row['low']:g} to {row['high']:g}{' (log)' if row['log'] else ''}" if row["low"] is not None else "fixed"
    print(f"  {row['space']}: {span}  [{row['citation']}]")

print("\nLarge data sets on which random forests were run, and their best accuracy (SPARQL)")
query = """
    SELECT ?title ?rows ?best WHERE {
      ?evidence a tg:RunSummary ; tg:learner <https://w3id.org/tunegraph/learner/random_forest> ;
        tg:metric <https://w3id.org/tunegraph/metric/accuracy> ; tg:dataset ?dataset ; tg:best ?best .
      ?dataset dcterms:title ?title ; quality:NumberOfInstances ?rows . FILTER(?rows > 20000)
    } ORDER BY DESC(?rows)"""
for row in graph.ask(query):
    print(f"  {row['title']}: {row['rows']:,.0f} rows, best {row['best']:.4f}")
