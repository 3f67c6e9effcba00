"""Which windows, whose, and how many: manifest, splits, balance."""
