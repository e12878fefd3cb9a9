"""The exchange spec as data: releases of data contracts, code lists, and the code that reads and compares them."""
