"""The sample company: believable bills with the truth beside them."""
