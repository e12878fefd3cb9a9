"""The copy of the clean data in the object store (数据湖): Iceberg tables over Parquet, one a dataset, append-only."""
