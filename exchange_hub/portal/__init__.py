"""The portal (门户): pages for people and the HTTP interface, one FastAPI application."""
