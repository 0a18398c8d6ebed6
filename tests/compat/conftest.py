"""What is expected of an SDK is asserted outside the test modules, and told as well as there."""

import pytest

pytest.register_assert_rewrite("compat.expected", "compat.driving")
