# Is the size of a machine of a family that its environment may use?
package finops.rules.cost.families

import data.finops.lib.shared.environment
import data.finops.lib.shared.said_of_resource
import data.finops.lib.shared.size
import data.finops.lib.shared.size_field
import data.finops.lib.shared.unsure
import rego.v1

id := "COST-003"

applies if size_field

limits := data.thresholds.cost.families

place := environment(input.resource.environment)

patterns := object.get(limits, [place, input.resource.provider], limits.otherwise)

deny contains said_of_resource(sprintf("the size %s is of no family allowed in %s", [size, place])) if {
	is_string(size)
	not unsure(input.resource, size_field)
	count([pattern | some pattern in patterns; regex.match(pattern, size)]) == 0
}

approve contains said_of_resource("the size of the machine cannot be decided from the files") if {
	unsure(input.resource, size_field)
}

approve contains said_of_resource("the size of the machine is not a text") if {
	not is_string(size)
	size != null
	not unsure(input.resource, size_field)
}
