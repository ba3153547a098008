# Are disks, databases, file systems, queues and tables encrypted?
package finops.rules.security.at_rest

import data.finops.lib.shared.items
import data.finops.lib.shared.no
import data.finops.lib.shared.odd
import data.finops.lib.shared.said_of_resource
import data.finops.lib.shared.unsure
import data.finops.lib.shared.yes
import rego.v1

id := "SEC-002"

applies := true

limits := data.thresholds.security.encryption

# AWS can encrypt every volume of an account and region, whatever a volume says or does not say.
account_default if {
	some thing in input.related
	thing.type == "aws_ebs_encryption_by_default"
	yes(object.get(thing.properties, "enabled", true))
	not unsure(thing, "enabled")
	thing.account == input.resource.account
	thing.region == input.resource.region
}

# The switches that this type must have on: what is said, with where it stands.
switches contains [path, value] if {
	some path in limits.must[input.resource.type]
	value := object.get(input.resource.properties, path, null)
}

switches contains [path, value] if {
	some path, value in input.resource.properties
	path in limits.never_off
	no(value)
}

switches contains [path, value] if {
	some block in limits.blocks[input.resource.type]
	some outer in items(object.get(input.resource.properties, block.list, null))
	some inner in inside(outer, block.inside)
	path := block.path
	value := object.get(inner, block.switch, null)
}

inside(outer, "") := [outer]

inside(outer, name) := items(object.get(outer, name, null)) if name != ""

by_account(path) if {
	account_default
	input.resource.type in limits.by_account
	path in limits.by_account_paths
}

deny contains said_of_resource(sprintf("%s is off: what is stored is not encrypted", [path])) if {
	some [path, value] in switches
	no(value)
	not unsure(input.resource, path)
}

deny contains said_of_resource(sprintf("%s is not declared: what is stored is not encrypted", [path])) if {
	some [path, value] in switches
	value == null
	not by_account(path)
	not unsure(input.resource, path)
}

deny contains said_of_resource(sprintf("%s cannot be decided from the files", [path])) if {
	some path in paths
	unsure(input.resource, path)
}

paths contains path if some path in limits.must[input.resource.type]

paths contains path if some path in limits.never_off

paths contains block.path if some block in limits.blocks[input.resource.type]

paths contains path if some path, _ in limits.least[input.resource.type]

deny contains said_of_resource(sprintf("%s is neither true nor false and cannot be decided", [path])) if {
	some [path, value] in switches
	value != null
	not yes(value)
	not no(value)
	not unsure(input.resource, path)
}

deny contains said_of_resource(sprintf("%s is no list of blocks and cannot be decided", [block.list])) if {
	some block in limits.blocks[input.resource.type]
	odd(object.get(input.resource.properties, block.list, null))
	not unsure(input.resource, block.path)
}

deny contains said_of_resource(sprintf("%s allows a connection that is not safe", [path])) if {
	some path, allowed in limits.least[input.resource.type]
	value := object.get(input.resource.properties, path, allowed[0])
	not value in allowed
	not unsure(input.resource, path)
}
