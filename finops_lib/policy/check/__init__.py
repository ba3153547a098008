"""What is a change of the estate checked for besides policy: schemas, secrets, cost; and how is it told."""
