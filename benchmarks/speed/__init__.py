"""satcore beside its peers: the same figures, of the same answers, in the same run.

``python -m benchmarks`` runs it. ``survey`` makes the answers, ``on_duckdb``, ``on_polars`` and
the like ask one tool each, ``cases`` says who is held against whom, ``contest`` measures and holds
the figures against each other, ``telling`` shows what came out.
"""
