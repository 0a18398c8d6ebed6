"""What holds for every test."""

import hypothesis

# The first example of a test pays for imports and caches, and cores are shared by many workers.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")
