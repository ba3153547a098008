"""What do we spend and why did it move."""
