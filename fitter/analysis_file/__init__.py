"""From the YAML of an analysis to checked records, with file, line and suggestion."""
