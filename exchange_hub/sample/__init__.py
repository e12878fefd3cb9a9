"""Sample data: linked, plausible, invented records of construction tenders, and packages with named faults."""
