"""``python -m satcore``: the command line."""

from satcore.cli import main

if __name__ == "__main__":
    main()
