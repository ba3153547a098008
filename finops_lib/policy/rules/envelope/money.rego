# Is the money that an automatic change moves small enough?
package finops.rules.envelope.money

import data.finops.lib.shared.above
import data.finops.lib.shared.money_at_stake
import data.finops.lib.shared.said_of_change
import rego.v1

id := "ENV-001"

applies if input.change.automatic

limits := data.thresholds.envelope.money

deny contains said_of_change("the change moves more money than may ever be moved automatically") if {
	above(money_at_stake, limits.never_usd_month)
}

approve contains said_of_change("the change moves more money than may be moved without a person") if {
	above(money_at_stake, limits.most_usd_month)
}

approve contains said_of_change("the money that the change moves is not known") if {
	not money_at_stake
}
