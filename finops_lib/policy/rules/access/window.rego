# Is this the time of day at which the environment may be changed?
package finops.rules.access.window

import data.finops.lib.shared.environments
import data.finops.lib.shared.glass
import data.finops.lib.shared.said_of_change
import data.finops.lib.shared.within
import rego.v1

id := "ACC-002"

applies if input.action == "apply"

limits := data.thresholds.access.windows

closed contains environment if {
	some environment in environments
	windows := limits[environment]
	count([window | some window in windows; within(window)]) == 0
}

deny contains said_of_change(sprintf("%s is not changed at this time of the week", [environment])) if {
	some environment in closed
	not glass
}

approve contains said_of_change(sprintf("emergency access opens %s at this time of the week", [environment])) if {
	some environment in closed
	glass
}
