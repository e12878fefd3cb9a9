"""`python -m exchange_hub.cli`: the command where it is not installed as `hub`, as in the image of docker/check."""

from exchange_hub.cli.main import main

main()
