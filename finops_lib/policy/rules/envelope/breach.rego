# Is an automatic change unlikely enough to breach what the workload needs?
package finops.rules.envelope.breach

import data.finops.main
import rego.v1

id := "ENV-005"

applies if {
	input.kind == "change"
	input.change.automatic
}

limits := data.thresholds.envelope.breach

deny contains main.said_of_change("a breach is too likely for any automatic change") if {
	applies
	is_number(input.change.breach_probability)
	input.change.breach_probability > limits.never
}

approve contains main.said_of_change("a breach is too likely to go without a person") if {
	applies
	is_number(input.change.breach_probability)
	input.change.breach_probability > limits.most
}

approve contains main.said_of_change("breach_probability is not known") if {
	applies
	input.change.breach_probability == null
}
