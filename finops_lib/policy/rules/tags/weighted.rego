# Is a resource that costs much fully tagged?
package finops.rules.tags.weighted

import data.finops.lib.shared.above
import data.finops.lib.shared.missing_tags
import data.finops.lib.shared.said_of_resource
import data.finops.lib.shared.taggable
import data.finops.lib.shared.tagging
import data.finops.lib.shared.usd
import rego.v1

id := "TAG-004"

applies if taggable

deny contains said_of_resource(sprintf("the tag %q is missing on a resource that costs much", [key])) if {
	some key in missing_tags
	cost := usd(input.cost_month, input.currency)
	not above(tagging.weighted.usd_month, cost)
}

deny contains said_of_resource(sprintf("the tag %q is missing and the cost is not known", [key])) if {
	some key in missing_tags
	input.cost_month == null
}
