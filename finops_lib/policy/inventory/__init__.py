"""What is declared in a repository and what is live, as one kind of record with file, line and owner."""
