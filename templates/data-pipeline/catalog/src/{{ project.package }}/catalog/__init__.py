"""The catalog: what data there is, what it means, whose it is, and what it was made of."""
