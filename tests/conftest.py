"""What holds for every test."""

import hypothesis

from support.examples import examples

# The first example of a test pays for imports and caches, and cores are shared by many workers.
hypothesis.settings.register_profile("unhurried", deadline=None, max_examples=examples(50))
hypothesis.settings.load_profile("unhurried")
