"""What should be committed to: demand, its possible futures, offers, the best purchase and how it did."""
