"""What did a Kubernetes cluster use, asked of its Prometheus. The only room that talks to one."""
