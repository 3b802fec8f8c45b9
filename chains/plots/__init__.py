"""Pictures of results, drawn from records alone."""
