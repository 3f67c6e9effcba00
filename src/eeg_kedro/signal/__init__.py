"""Arrays in, arrays out: channel names, filters, cleaning."""
