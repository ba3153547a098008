# Is an automatic change unlikely enough to breach what the workload needs?
package finops.rules.envelope.breach

import data.finops.lib.shared.said_of_change
import rego.v1

id := "ENV-005"

applies if input.change.automatic

limits := data.thresholds.envelope.breach

deny contains said_of_change("a breach is too likely for any automatic change") if {
	is_number(input.change.breach_probability)
	input.change.breach_probability > limits.never
}

approve contains said_of_change("a breach is too likely to go without a person") if {
	is_number(input.change.breach_probability)
	input.change.breach_probability > limits.most
}

approve contains said_of_change("breach_probability is not known") if {
	input.change.breach_probability == null
}
