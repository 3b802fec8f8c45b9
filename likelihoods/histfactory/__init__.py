"""HistFactory workspaces compiled to arrays, profiled or marginalised in batches."""
