"""From a checked model to plain, frozen values: one module a section, `whole.compiled` the file."""
