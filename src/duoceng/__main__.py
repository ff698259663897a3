"""`python -m duoceng` is the `duoceng` command."""

from duoceng.cli import main

main()
