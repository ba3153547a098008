# Has the team enough left of what may be changed automatically in one day?
package finops.rules.envelope.daily_cap

import data.finops.lib.shared.above
import data.finops.lib.shared.money_at_stake
import data.finops.lib.shared.said_of_change
import rego.v1

id := "ENV-007"

applies if input.change.automatic

limits := data.thresholds.envelope.daily_cap

cap := object.get(limits.usd_day, lower(input.change.team), limits.usd_day.otherwise)

today := input.change.applied_today + money_at_stake if is_number(input.change.applied_today)

approve contains said_of_change("the team has used up what may be changed automatically today") if {
	above(today, cap)
}

deny contains said_of_change("the team is far beyond what may be changed automatically in a day") if {
	above(today, limits.never_usd_day)
}

approve contains said_of_change("how much was changed automatically today is not known") if {
	input.change.applied_today == null
}
