# Does a change cut a size by no more than one step may?
package finops.rules.operations.cuts

import data.finops.lib.shared.environments
import data.finops.lib.shared.said_of_change
import rego.v1

id := "OPS-005"

applies if input.change.kind in limits.kinds

limits := data.thresholds.operations.cuts

largest := min([object.get(limits.percent, environment, limits.percent.otherwise) |
	some environment in environments
])

widest := min([object.get(limits.resources, environment, limits.resources.otherwise) |
	some environment in environments
])

deny contains said_of_change(sprintf("the cut is wider than the %v resources that one step may touch", [widest])) if {
	input.change.percent > 0
	input.change.blast_radius > widest
}

deny contains said_of_change(sprintf("the cut is larger than the %v per cent that one step may take", [largest])) if {
	input.change.percent > largest
}

approve contains said_of_change("how much the change cuts is not known") if {
	input.change.percent == null
}
