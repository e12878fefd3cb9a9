"""The spec made fit to read and to build against: site, XLSX templates, XSD and JSON Schema, good records."""
