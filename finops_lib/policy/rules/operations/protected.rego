# Is nothing stopped, deleted or cut that is protected?
package finops.rules.operations.protected

import rego.v1

id := "OPS-002"

applies := true

limits := data.thresholds.operations.protected

harms if input.change.kind in limits.kinds

harms if {
	input.change.kind in limits.cutting
	input.change.percent > 0
}

harms if {
	input.change.kind in limits.cutting
	input.change.percent == null
}

protected(part) if {
	some key, value in part.tags
	lower(trim_space(value)) in limits.tags[lower(trim_space(key))]
}

protected(part) if {
	some pattern in limits.addresses
	glob.match(pattern, null, part.address)
}

protected(part) if part.type in limits.types

deny contains {"reason": "it is protected: never stopped, deleted or cut", "subject": part.address} if {
	harms
	some part in input.change.resources
	protected(part)
}
