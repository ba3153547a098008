# Is an automatic change sure enough?
package finops.rules.envelope.confidence

import data.finops.lib.shared.said_of_change
import rego.v1

id := "ENV-004"

applies if input.change.automatic

limits := data.thresholds.envelope.confidence

deny contains said_of_change("the confidence is too low for any automatic change") if {
	is_number(input.change.confidence)
	input.change.confidence < limits.never
}

approve contains said_of_change("the confidence is too low to go without a person") if {
	is_number(input.change.confidence)
	input.change.confidence < limits.least
}

approve contains said_of_change("confidence is not known") if {
	input.change.confidence == null
}
