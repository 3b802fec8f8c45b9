"""Built-in analyses (YAML)."""
