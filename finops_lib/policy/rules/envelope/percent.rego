# Is an automatic cut small enough?
package finops.rules.envelope.percent

import data.finops.lib.shared.said_of_change
import rego.v1

id := "ENV-002"

applies if input.change.automatic

limits := data.thresholds.envelope.percent

deny contains said_of_change("the cut is larger than may ever be made automatically") if {
	is_number(input.change.percent)
	input.change.percent > limits.never
}

approve contains said_of_change("the cut is larger than may be made without a person") if {
	is_number(input.change.percent)
	input.change.percent > limits.most
}

approve contains said_of_change("percent is not known") if {
	input.change.percent == null
}
