"""How synthetic surveys are made; ``satcore.testing.simulate`` is the way in."""
