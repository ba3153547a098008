# Is the saving worth the risk of the change?
package finops.rules.cost.saving_floor

import data.finops.lib.shared.above
import data.finops.lib.shared.environments
import data.finops.lib.shared.said_of_change
import data.finops.lib.shared.usd
import rego.v1

id := "COST-002"

applies if input.change.kind in limits.kinds

limits := data.thresholds.cost.saving_floor

saving := input.change.saving_month

floor := max([object.get(limits.usd_month, environment, limits.usd_month.otherwise) |
	some environment in environments
])

deny contains said_of_change("the saving is too small for the risk of the change") if {
	input.action != "rollback"
	above(floor, usd(saving.mid, saving.currency))
}

approve contains said_of_change("the change may cost more than it saves") if {
	above(0, saving.low)
}

approve contains said_of_change("what the change saves is not known") if {
	saving == null
}
