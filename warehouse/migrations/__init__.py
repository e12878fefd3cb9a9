"""Alembic migrations of the fixed tables. Tables of datasets are made from the contracts by `warehouse.datasets`."""
