# Does a change leave as many copies as the environment needs?
package finops.rules.operations.replicas_change

import data.finops.main
import rego.v1

id := "OPS-004"

applies if {
	input.kind == "change"
	input.action != "rollback"
}

limits := data.thresholds.operations.replicas

least := max([object.get(limits.least, environment, limits.least.otherwise) |
	some environment in main.environments
])

deny contains {"reason": sprintf("%s falls below the %v copies that the environment needs", [field, least]), "subject": part.address} if {
	applies
	some part in input.change.resources
	some field in limits.fields
	is_number(part.to[field])
	part.to[field] < least
	not part.from[field] <= part.to[field]
}

deny contains {"reason": sprintf("%s is not a number", [field]), "subject": part.address} if {
	applies
	some part in input.change.resources
	some field in limits.fields
	not is_number(object.get(part.to, field, 0))
}
