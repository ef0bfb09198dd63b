"""Language models: they read, propose and cite; code checks. Without one, everything else works as before."""
