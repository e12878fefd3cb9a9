"""Pages for people: server-rendered, Chinese first, usable without script, by keyboard, on a phone."""
