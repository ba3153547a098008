# May a change that raises the cost be paid from what is left of the budget?
package finops.rules.cost.budget

import data.finops.lib.shared.above
import data.finops.lib.shared.said_of_change
import rego.v1

id := "COST-001"

applies if input.action != "rollback"

limits := data.thresholds.cost.budget

raises if above(input.change.cost_delta_month, 0)

used := max([amount | some amount in [input.change.budget.spent, input.change.budget.forecast]; is_number(amount)])

left := input.change.budget.limit - used

beyond if {
	raises
	above(input.change.cost_delta_month, left)
}

deny contains said_of_change("the change raises the cost beyond what is left of the budget") if {
	beyond
}

approve contains said_of_change("the change brings the cost near the end of the budget") if {
	raises
	not beyond
	above(used + input.change.cost_delta_month, input.change.budget.limit * limits.near_share)
}

approve contains said_of_change("the change raises the cost of a team whose budget is not known") if {
	raises
	not used
}

approve contains said_of_change("by how much the change moves the cost is not known") if {
	input.change.cost_delta_month == null
}
