# Is the size of a machine of a family that its environment may use?
package finops.rules.cost.families

import data.finops.main
import rego.v1

id := "COST-003"

applies if input.kind == "resource"

limits := data.thresholds.cost.families

environment := main.environment(input.resource.environment)

patterns := object.get(limits, [environment, input.resource.provider], limits.otherwise)

deny contains main.said_of_resource(sprintf("the size %s is of no family allowed in %s", [main.size, environment])) if {
	applies
	is_string(main.size)
	not main.unsure(input.resource, data.catalogue.sizes[input.resource.type])
	count([pattern | some pattern in patterns; regex.match(pattern, main.size)]) == 0
}

approve contains main.said_of_resource("the size of the machine cannot be decided from the files") if {
	applies
	main.unsure(input.resource, data.catalogue.sizes[input.resource.type])
}

approve contains main.said_of_resource("the size of the machine is not a text") if {
	applies
	not is_string(main.size)
	main.size != null
	not main.unsure(input.resource, data.catalogue.sizes[input.resource.type])
}
