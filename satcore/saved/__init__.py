"""States on disk: what was counted, kept so that the answers need not be read again."""
