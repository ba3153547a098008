"""The life of a policy: its cases, mutants and trial on the past, its stages, waivers and versions."""
