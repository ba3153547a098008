# Has the team enough left of what may be changed automatically in one day?
package finops.rules.envelope.daily_cap

import data.finops.main
import rego.v1

id := "ENV-007"

applies if {
	input.kind == "change"
	input.change.automatic
}

limits := data.thresholds.envelope.daily_cap

cap := object.get(limits.usd_day, lower(input.change.team), limits.usd_day.otherwise)

approve contains main.said_of_change("the team has used up what may be changed automatically today") if {
	applies
	main.above(input.change.applied_today + main.money_at_stake, cap)
}

deny contains main.said_of_change("the team is far beyond what may be changed automatically in a day") if {
	applies
	main.above(input.change.applied_today + main.money_at_stake, limits.never_usd_day)
}

approve contains main.said_of_change("how much was changed automatically today is not known") if {
	applies
	input.change.applied_today == null
}
