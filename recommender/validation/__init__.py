"""The gate: a proposal is judged by code before anybody sees it."""
