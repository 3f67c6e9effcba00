"""How good it is, by the rules of the field: events, samples, probabilities, embeddings. No figures."""
