"""What is odd: cost that was not to be expected, how sure that is, and what a person should hear of it."""
