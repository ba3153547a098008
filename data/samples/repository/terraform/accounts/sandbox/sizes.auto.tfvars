instance_types = {
  unnamed_001 = "m6i.xlarge"
}
