"""Pictures of scans of the likelihood."""
