"""Clock, chance, world, ledger, rules, timeline, journal: plain Python, no I/O of its own."""
