"""May we: rules as code, judged on what a change would make true, and refused where it cannot be decided."""
