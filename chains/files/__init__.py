"""Results files: written whole under a lease, sealed, and read without being believed."""
