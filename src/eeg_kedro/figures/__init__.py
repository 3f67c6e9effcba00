"""Pure functions: table -> Plotly figure, units on the axes."""
