"""What a projection needs to know of published likelihoods: YAML files, by name of the term."""
