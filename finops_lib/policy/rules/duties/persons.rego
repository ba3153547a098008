# Is it a person who approves?
package finops.rules.duties.persons

import data.finops.lib.shared.said_of_change
import rego.v1

id := "DUTY-003"

applies if input.action == "approve"

deny contains said_of_change("a machine does not approve") if {
	input.actor.kind == "machine"
}
