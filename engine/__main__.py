"""`python -m engine` is the command `zhuban`."""

from cli import main

main()
