"""May we: policies as code, what they judge, and what becomes of a policy that is new."""
