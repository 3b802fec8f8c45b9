"""Tables and the summary of results, from records alone."""
