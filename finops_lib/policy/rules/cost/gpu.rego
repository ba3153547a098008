# May this team have a machine with a graphics processor without asking?
package finops.rules.cost.gpu

import data.finops.lib.shared.items
import data.finops.lib.shared.labels
import data.finops.lib.shared.said_of_resource
import data.finops.lib.shared.size
import data.finops.lib.shared.size_field
import rego.v1

id := "COST-004"

applies if size_field

applies if input.resource.provider == "kubernetes"

limits := data.thresholds.cost.gpu

allowed if {
	some label in labels
	label[0] == "team"
	label[3] in limits.teams
}

declared contains size if {
	is_string(size)
	some pattern in limits.patterns
	regex.match(pattern, size)
}

declared contains "an accelerator" if {
	count(items(object.get(input.resource.properties, "guest_accelerator", null))) > 0
}

declared contains name if {
	input.resource.provider == "kubernetes"
	walk(input.resource.properties, [path, _])
	name := path[count(path) - 1]
	name in limits.kubernetes
}

approve contains said_of_resource(sprintf("%s is for teams that train models, others ask first", [what])) if {
	not allowed
	some what in declared
}
