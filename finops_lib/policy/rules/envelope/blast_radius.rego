# Does an automatic change touch few enough resources?
package finops.rules.envelope.blast_radius

import data.finops.lib.shared.said_of_change
import rego.v1

id := "ENV-003"

applies if input.change.automatic

limits := data.thresholds.envelope.blast_radius

deny contains said_of_change("the change touches more resources than it ever may automatically") if {
	is_number(input.change.blast_radius)
	input.change.blast_radius > limits.never
}

approve contains said_of_change("the change touches more resources than it may without a person") if {
	is_number(input.change.blast_radius)
	input.change.blast_radius > limits.most
}

approve contains said_of_change("blast_radius is not known") if {
	input.change.blast_radius == null
}
