"""What is known: types, learners, descriptions of tables, the graph and the run table."""
