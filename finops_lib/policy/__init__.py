"""May we: policy as code that fails closed."""
