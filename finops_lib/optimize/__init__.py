"""What should change: sizes that fit the use, the chance that one will not do, and what it saves."""
