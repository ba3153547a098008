# Have enough others approved exactly this change?
package finops.rules.duties.approvals

import data.finops.lib.shared.environments
import data.finops.lib.shared.hours
import data.finops.lib.shared.moment
import data.finops.lib.shared.now
import data.finops.lib.shared.said_of_change
import data.finops.lib.shared.shapes
import rego.v1

id := "DUTY-002"

applies if input.action == "apply"

limits := data.thresholds.duties.approvals

needed := max([object.get(limits.needed, environment, limits.needed.otherwise) |
	some environment in environments
])

age(approval) := hours(now, moment(approval.at))

counted := {lower(trim_space(approval.by)) |
	some approval in input.change.approvals
	trim_space(approval.by) != ""
	lower(trim_space(approval.by)) != lower(trim_space(input.change.author))
	approval.digest == input.change.digest
	some role in approval.roles
	role in limits.roles
	age(approval) >= 0
	age(approval) <= limits.hours
}

approve contains said_of_change(sprintf("%d of %d approvals of exactly this change", [count(counted), needed])) if {
	not input.change.automatic
	count(counted) < needed
}

deny contains said_of_change("the change has no digest that could be approved") if {
	not sealed
}

sealed if {
	is_string(input.change.digest)
	regex.match(shapes.sha256, input.change.digest)
}
