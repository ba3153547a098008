# Does a change leave as many copies as the environment needs?
package finops.rules.operations.replicas_change

import data.finops.lib.shared.environments
import rego.v1

id := "OPS-004"

applies if input.action != "rollback"

limits := data.thresholds.operations.replicas

least := max([object.get(limits.least, environment, limits.least.otherwise) |
	some environment in environments
])

deny contains {"reason": sprintf("%s falls below the %v copies that the environment needs", [field, least]), "subject": part.address} if {
	some part in input.change.resources
	some field in limits.fields
	is_number(part.to[field])
	part.to[field] < least
	falls(part, field)
}

# A number that is not known was larger, as far as anybody can tell.
falls(part, field) if not is_number(object.get(part.from, field, null))

falls(part, field) if part.from[field] > part.to[field]

deny contains {"reason": sprintf("%s is not a number", [field]), "subject": part.address} if {
	some part in input.change.resources
	some field in limits.fields
	not is_number(object.get(part.to, field, 0))
}
