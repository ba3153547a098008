# Does a change move a machine to a family or processor that is not for everybody?
package finops.rules.cost.resize

import data.finops.lib.shared.environment
import rego.v1

id := "COST-005"

applies := true

limits := data.thresholds.cost

size_fields := data.catalogue.size_fields

targets contains [part.address, part.environment, size] if {
	some part in input.change.resources
	some field in size_fields
	size := part.to[field]
	is_string(size)
}

approve contains {"reason": sprintf("%s has a graphics processor", [target[2]]), "subject": target[0]} if {
	not lower(input.change.team) in limits.gpu.teams
	some target in targets
	some pattern in limits.gpu.patterns
	regex.match(pattern, target[2])
}

patterns(name) := {pattern | some pattern in limits.families[environment(name)][_]}

deny contains {"reason": sprintf("the size %s is of no family allowed there", [target[2]]), "subject": target[0]} if {
	some target in targets
	count([pattern | some pattern in patterns(target[1]); regex.match(pattern, target[2])]) == 0
}

approve contains {"reason": "the new size is not a text", "subject": part.address} if {
	some part in input.change.resources
	some field in size_fields
	not is_string(object.get(part.to, field, ""))
}
