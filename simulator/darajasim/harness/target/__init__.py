"""An application under test that is described by a file and reached over HTTP."""
