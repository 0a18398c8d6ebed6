"""What pytester's runs import they forget, and what is imported again has classes of its own: what
a scenario is made of then no longer fits what the tests of other modules have imported before. So
everything that they import on first use is imported here.
"""

import darajasim.harness.story
import darajasim.operations.c2b_course
import darajasim.scenarios.compiler.whole
import darajasim.scenarios.one_text
import darajasim.scenarios.validation
import darajasim.scenarios.yaml_tree  # noqa: F401
from darajasim.operations import named

named()
