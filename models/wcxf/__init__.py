"""The exchange format WCxf (arXiv:1712.05298)."""
