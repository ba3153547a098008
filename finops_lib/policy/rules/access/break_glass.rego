# Is emergency access asked for as agreed?
package finops.rules.access.break_glass

import data.finops.lib.shared.hours
import data.finops.lib.shared.moment
import data.finops.lib.shared.now
import data.finops.lib.shared.said_of_change
import rego.v1

id := "ACC-003"

applies := true

asked if is_object(input.break_glass)

limits := data.thresholds.access.break_glass

left := hours(moment(input.break_glass.until), now)

deny contains said_of_change("emergency access needs the number of a ticket") if {
	asked
	not regex.match(limits.ticket, input.break_glass.ticket)
}

deny contains said_of_change("emergency access needs a reason that says more") if {
	asked
	count(trim_space(input.break_glass.reason)) < limits.reason_letters
}

deny contains said_of_change("emergency access has ended") if {
	asked
	left <= 0
}

deny contains said_of_change(sprintf("emergency access is given for at most %d hours", [limits.hours])) if {
	asked
	left > limits.hours
}

deny contains said_of_change("emergency access is for persons of the roles named for it") if {
	asked
	not entitled
}

entitled if {
	input.actor.kind == "person"
	some role in input.actor.roles
	role in limits.roles
}

approve contains said_of_change("emergency access is asked for") if {
	asked
}
