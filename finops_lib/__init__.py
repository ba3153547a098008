"""The FinOps workbench: real cloud bills in, honest numbers and proven advice out."""
