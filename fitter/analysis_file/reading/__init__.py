"""From YAML to nodes and values that know their line; what is wrong with them."""
