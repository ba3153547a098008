# Is the model behind an automatic change registered and its audit fresh?
package finops.rules.envelope.model

import data.finops.lib.shared.hours
import data.finops.lib.shared.moment
import data.finops.lib.shared.now
import data.finops.lib.shared.said_of_change
import data.finops.lib.shared.shapes
import rego.v1

id := "ENV-008"

applies if input.change.automatic

limits := data.thresholds.envelope.model

age := hours(now, moment(input.audit.at)) / 24

approve contains said_of_change("no model is named") if {
	input.model == null
}

approve contains said_of_change("the model is not in use according to the registry") if {
	is_object(input.model)
	not input.model.status in limits.statuses
}

approve contains said_of_change("the model has no sha256") if {
	is_object(input.model)
	not regex.match(shapes.sha256, input.model.sha256)
}

deny contains said_of_change("the model was withdrawn") if {
	input.model.status in limits.withdrawn
}

approve contains said_of_change("the model was never audited") if {
	input.audit == null
}

approve contains said_of_change("the last audit found the model outside its limits") if {
	input.audit.within_limits == false
}

approve contains said_of_change("the last audit of the model is old") if {
	age > limits.days
}

deny contains said_of_change("the last audit of the model is far too old") if {
	age > limits.never_days
}

deny contains said_of_change("the audit of the model lies in the future") if {
	age < 0
}
