"""`python -m darajasim`."""

from darajasim.cli.main import main

main()
