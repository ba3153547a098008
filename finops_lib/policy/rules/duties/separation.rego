# Does nobody decide on a change of their own?
package finops.rules.duties.separation

import data.finops.lib.shared.said_of_change
import rego.v1

id := "DUTY-001"

applies if input.action in ["approve", "apply"]

who := lower(trim_space(input.actor.id))

author := lower(trim_space(input.change.author))

# What a machine does by itself is bounded by the envelope, not by a second person.
alone if {
	input.change.automatic
	input.actor.kind == "machine"
	input.action == "apply"
}

deny contains said_of_change(sprintf("the author may not %s the own change", [input.action])) if {
	who == author
	not alone
}

deny contains said_of_change("who wrote the change is not known") if {
	author == ""
}

deny contains said_of_change("who acts is not known") if {
	who == ""
}
