"""The thread that ties the rooms together: core, flows, command line, portal, embedded stack."""
