"""Running what documents show: commands, programs, scenarios and requests."""
