# Has the resource every tag that allocation needs?
package finops.rules.tags.required

import data.finops.main
import rego.v1

id := "TAG-001"

applies if input.kind == "resource"

approve contains main.said_of_resource(sprintf("the tag %q is missing", [key])) if {
	applies
	some key in main.missing_tags
}

deny contains main.said_of_resource("which tags it has cannot be decided from the files") if {
	applies
	main.taggable
	main.unsure(input.resource, "tags")
}
