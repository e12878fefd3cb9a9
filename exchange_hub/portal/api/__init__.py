"""The HTTP interface /api/v1 (interfaces, section 6)."""
