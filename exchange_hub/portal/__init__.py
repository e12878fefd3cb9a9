"""HTTP: the API and the pages of the portal."""
