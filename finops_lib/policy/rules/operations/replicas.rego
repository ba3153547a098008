# Are there as many copies of a workload as its environment needs?
package finops.rules.operations.replicas

import data.finops.lib.shared.environment
import data.finops.lib.shared.said_of_resource
import data.finops.lib.shared.unsure
import rego.v1

id := "OPS-003"

applies if limits.paths[input.resource.type]

limits := data.thresholds.operations.replicas

place := environment(input.resource.environment)

least := object.get(limits.least, place, limits.least.otherwise)

path := limits.paths[input.resource.type]

declared := object.get(input.resource.properties, split(path, "."), null)

scalers contains thing if {
	some thing in input.related
	thing.type in limits.scalers
	input.resource.address in thing.links
}

deny contains said_of_resource(sprintf("%v copies are fewer than the %v that %s needs", [declared, least, place])) if {
	is_number(declared)
	declared < least
	count(scalers) == 0
}

deny contains said_of_resource(sprintf("one copy, as none is declared: %s needs %v", [place, least])) if {
	declared == null
	least > 1
	count(scalers) == 0
	not unsure(input.resource, path)
}

deny contains said_of_resource("the number of copies cannot be decided from the files") if {
	unsure(input.resource, path)
}

deny contains said_of_resource("the number of copies is not a number") if {
	declared != null
	not is_number(declared)
	not unsure(input.resource, path)
}

deny contains said_of_resource("its autoscaler may leave fewer copies than the environment needs") if {
	some scaler in scalers
	object.get(scaler.properties, ["spec", "minReplicas"], 1) < least
}
