"""Getting packages in: transports, archives, manifests, readers. Knows formats, no rules."""
