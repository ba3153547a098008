"""Rego, evaluated in process, in a child process or on a server; whatever fails is a refusal."""
