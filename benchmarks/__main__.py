"""satcore beside its peers: ``python -m benchmarks [--only CASE] [--rows N] [--json FILE]``."""

from benchmarks.speed.command import main

if __name__ == "__main__":
    raise SystemExit(main())
