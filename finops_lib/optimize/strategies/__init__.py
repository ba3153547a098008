"""Rules from a history to an allocation: the field's, by name and exactly, and ours."""
