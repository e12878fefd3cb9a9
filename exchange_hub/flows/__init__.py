"""The main job, step by step: receive, validate, load, notify. Called by the command line, the portal and the DAGs."""
