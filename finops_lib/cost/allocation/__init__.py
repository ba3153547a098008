"""Who pays: rules as files, steps from bill line to team, clusters, owners, Shapley values."""
