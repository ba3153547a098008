# Is somebody at work when an automatic change is made?
package finops.rules.envelope.hours

import data.finops.lib.shared.said_of_change
import data.finops.lib.shared.within
import rego.v1

id := "ENV-006"

applies if {
	input.change.automatic
	input.action == "apply"
}

windows := data.thresholds.envelope.hours

approve contains said_of_change("automatic changes are made only while somebody is at work") if {
	count([window | some window in windows; within(window)]) == 0
}
