"""The shell: catalogue, notebooks, reports and the command line."""
