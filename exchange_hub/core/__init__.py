"""What every room may use: errors, records, ports, clock, settings. Imports nothing of ours."""
