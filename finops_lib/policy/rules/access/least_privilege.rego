# May this role do this here?
package finops.rules.access.least_privilege

import data.finops.lib.shared.environments
import data.finops.lib.shared.said_of_change
import rego.v1

id := "ACC-001"

applies := true

limits := data.thresholds.access

granted(environment) if {
	some role in input.actor.roles
	environment in limits.roles[role][input.action]
}

deny contains said_of_change(sprintf("no role of the actor may %s in %s", [input.action, environment])) if {
	some environment in environments
	not granted(environment)
}

deny contains said_of_change(sprintf("the role %q is not known", [role])) if {
	some role in input.actor.roles
	not limits.roles[role]
}

everywhere if {
	some role in input.actor.roles
	role in limits.any_team
}

deny contains said_of_change("the change is of another team") if {
	not everywhere
	lower(input.actor.team) != lower(input.change.team)
}

deny contains said_of_change(sprintf("the role %q is for machines alone", [role])) if {
	input.actor.kind == "person"
	some role in input.actor.roles
	role in limits.machine_roles
}

deny contains said_of_change(sprintf("the role %q is for persons alone", [role])) if {
	input.actor.kind == "machine"
	some role in input.actor.roles
	not role in limits.machine_roles
}
