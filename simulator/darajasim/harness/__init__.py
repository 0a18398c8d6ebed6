"""Runs flows through client, simulator and merchant, and judges them. The only side that sees both."""
