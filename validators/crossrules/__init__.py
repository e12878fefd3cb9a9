"""One small file a rule across datasets."""
