"""Who said so: the Git repository that holds settings and the desired state."""
