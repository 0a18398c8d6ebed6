"""Runs flows through client, simulator and merchant and judges them; it alone sees both."""
