"""Every version of every record with its provenance, the quarantine, the evidence, the audit views."""
