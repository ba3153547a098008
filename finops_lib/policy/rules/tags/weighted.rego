# Is a resource that costs much fully tagged?
package finops.rules.tags.weighted

import data.finops.main
import rego.v1

id := "TAG-004"

applies if input.kind == "resource"

deny contains main.said_of_resource(sprintf("the tag %q is missing on a resource that costs much", [key])) if {
	applies
	some key in main.missing_tags
	cost := main.usd(input.cost_month, input.currency)
	not main.above(data.thresholds.tags.weighted.usd_month, cost)
}

deny contains main.said_of_resource(sprintf("the tag %q is missing and the cost is not known", [key])) if {
	applies
	some key in main.missing_tags
	input.cost_month == null
}
