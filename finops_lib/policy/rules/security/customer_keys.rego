# Does what holds restricted data have a key of our own?
package finops.rules.security.customer_keys

import data.finops.lib.shared.labels
import data.finops.lib.shared.said_of_resource
import rego.v1

id := "SEC-003"

applies if limits.paths[input.resource.type]

limits := data.thresholds.security.customer_keys

restricted if {
	some label in labels
	label[0] in limits.tags
	label[3] in limits.classes
}

declared if {
	some path in limits.paths[input.resource.type]
	walk(input.resource.properties, [place, value])
	[step | some step in place; is_string(step)] == path
	is_string(value)
	value != ""
}

declared if {
	some thing in input.related
	thing.type in limits.separate
	input.resource.address in thing.links
}

deny contains said_of_resource("it holds restricted data and has no key of our own") if {
	restricted
	not declared
}
