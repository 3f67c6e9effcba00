"""Where recordings and labels lie in each corpus layout, and the survey that lists them."""
