# Has the resource every tag that allocation needs?
package finops.rules.tags.required

import data.finops.lib.shared.missing_tags
import data.finops.lib.shared.said_of_resource
import data.finops.lib.shared.taggable
import data.finops.lib.shared.unsure
import rego.v1

id := "TAG-001"

applies if taggable

approve contains said_of_resource(sprintf("the tag %q is missing", [key])) if {
	some key in missing_tags
}

deny contains said_of_resource("which tags it has cannot be decided from the files") if {
	unsure(input.resource, "tags")
}
