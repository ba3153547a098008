"""What did we use: one long table from Prometheus, files and traces, beside the bill."""
