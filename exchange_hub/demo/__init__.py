"""The demonstration: three platforms that really send, and the sample generator behind them."""
