"""May we: policies as code over what is declared and what is live; what cannot be decided is refused."""
