# May this team have a machine with a graphics processor without asking?
package finops.rules.cost.gpu

import data.finops.main
import rego.v1

id := "COST-004"

applies if input.kind == "resource"

limits := data.thresholds.cost.gpu

allowed if {
	some ["team", _, value] in main.labels
	lower(trim_space(value)) in limits.teams
}

declared contains main.size if {
	some pattern in limits.patterns
	regex.match(pattern, main.size)
}

declared contains "an accelerator" if {
	count(main.items(object.get(input.resource.properties, "guest_accelerator", null))) > 0
}

declared contains name if {
	input.resource.provider == "kubernetes"
	walk(input.resource.properties, [path, _])
	name := path[count(path) - 1]
	name in limits.kubernetes
}

approve contains main.said_of_resource(sprintf("%s is for teams that train models, others ask first", [what])) if {
	applies
	not allowed
	some what in declared
}
