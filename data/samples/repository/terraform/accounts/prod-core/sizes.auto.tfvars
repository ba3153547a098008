instance_types = {
  unnamed_004 = "m6i.xlarge"
  unnamed_012 = "m6i.xlarge"
  unnamed_014 = "m6i.xlarge"
}
