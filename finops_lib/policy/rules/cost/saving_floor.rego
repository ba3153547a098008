# Is the saving worth the risk of the change?
package finops.rules.cost.saving_floor

import data.finops.main
import rego.v1

id := "COST-002"

applies if {
	input.kind == "change"
	input.change.kind in data.thresholds.cost.saving_floor.kinds
}

limits := data.thresholds.cost.saving_floor

saving := input.change.saving_month

floor := max([object.get(limits.usd_month, environment, limits.usd_month.otherwise) |
	some environment in main.environments
])

deny contains main.said_of_change("the saving is too small for the risk of the change") if {
	applies
	input.action != "rollback"
	main.above(floor, main.usd(saving.mid, saving.currency))
}

approve contains main.said_of_change("the change may cost more than it saves") if {
	applies
	main.above(0, saving.low)
}

approve contains main.said_of_change("what the change saves is not known") if {
	applies
	saving == null
}
