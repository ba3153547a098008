# Is now no time at which nothing may be changed?
package finops.rules.operations.freeze

import data.finops.main
import rego.v1

id := "OPS-001"

applies if {
	input.kind == "change"
	input.action in data.thresholds.operations.freeze.actions
}

limits := data.thresholds.operations.freeze

today := sprintf("%02d-%02d", [time.date(main.now)[1], time.date(main.now)[2]])

frozen contains name if {
	some name, window in limits.once
	some environment in main.environments
	environment in window.environments
	main.now >= time.parse_rfc3339_ns(window.from)
	main.now < time.parse_rfc3339_ns(window.until)
}

frozen contains name if {
	some name, window in limits.yearly
	some environment in main.environments
	environment in window.environments
	today >= window.first
	today <= window.last
}

frozen contains name if {
	some name, window in limits.weekly
	some environment in main.environments
	environment in window.environments
	main.within(window)
}

deny contains main.said_of_change(sprintf("nothing is changed during the freeze %q", [name])) if {
	applies
	some name in frozen
	not main.glass
}

approve contains main.said_of_change(sprintf("emergency access opens the freeze %q", [name])) if {
	applies
	some name in frozen
	main.glass
}
