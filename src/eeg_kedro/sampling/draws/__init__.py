"""Which windows are drawn: the balanced set, drawn anew per epoch, per participant, and what came of it."""
