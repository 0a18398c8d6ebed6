"""The file format as pydantic models: one module a section, `file.ScenarioFile` the whole.

Models are read from `nodes.plain` trees, whose leaves are scalars that know what was written.
"""
