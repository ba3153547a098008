# Is this the time of day at which the environment may be changed?
package finops.rules.access.window

import data.finops.main
import rego.v1

id := "ACC-002"

applies if {
	input.kind == "change"
	input.action == "apply"
}

windows(environment) := data.thresholds.access.windows[environment]

closed contains environment if {
	some environment in main.environments
	count([window | some window in windows(environment); main.within(window)]) == 0
}

deny contains main.said_of_change(sprintf("%s is not changed at this time of the week", [environment])) if {
	applies
	some environment in closed
	not main.glass
}

approve contains main.said_of_change(sprintf("emergency access opens %s at this time of the week", [environment])) if {
	applies
	some environment in closed
	main.glass
}
