"""The core: clock, chance, world, ledger, rules, timeline, journal. Plain Python, no I/O of its own."""
