"""One small module per way of delivering a notice."""
