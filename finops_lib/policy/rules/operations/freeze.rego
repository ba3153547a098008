# Is now no time at which nothing may be changed?
package finops.rules.operations.freeze

import data.finops.lib.shared.environments
import data.finops.lib.shared.glass
import data.finops.lib.shared.now
import data.finops.lib.shared.said_of_change
import data.finops.lib.shared.within
import rego.v1

id := "OPS-001"

applies if input.action in limits.actions

limits := data.thresholds.operations.freeze

today := sprintf("%02d-%02d", [time.date(now)[1], time.date(now)[2]])

frozen contains name if {
	some name, window in limits.once
	some environment in environments
	environment in window.environments
	now >= time.parse_rfc3339_ns(window.from)
	now < time.parse_rfc3339_ns(window.until)
}

frozen contains name if {
	some name, window in limits.yearly
	some environment in environments
	environment in window.environments
	today >= window.first
	today <= window.last
}

frozen contains name if {
	some name, window in limits.weekly
	some environment in environments
	environment in window.environments
	within(window)
}

deny contains said_of_change(sprintf("nothing is changed during the freeze %q", [name])) if {
	some name in frozen
	not glass
}

approve contains said_of_change(sprintf("emergency access opens the freeze %q", [name])) if {
	some name in frozen
	glass
}
