# Are the values of the tags among those allowed, in the one spelling?
package finops.rules.tags.values

import data.finops.lib.shared.labels
import data.finops.lib.shared.said_of_resource
import data.finops.lib.shared.taggable
import rego.v1

id := "TAG-002"

applies if input.kind == "resource"

allowed := data.thresholds.tags.allowed

present contains [key, value] if {
	taggable
	some [key, _, value] in labels
	trim_space(value) != ""
}

deny contains said_of_resource(sprintf("the tag %q has a value that is not allowed", [key])) if {
	applies
	some [key, value] in present
	some word in [lower(trim_space(value))]
	allowed[key]
	not word in allowed[key]
	not data.thresholds.tags.synonyms[key][word]
}

approve contains said_of_resource(sprintf("tag drift: the value of %q is not spelt as agreed", [key])) if {
	applies
	some [key, value] in present
	some word in [lower(trim_space(value))]
	word in allowed[key]
	not value in allowed[key]
}

approve contains said_of_resource(sprintf("tag drift: %q is a synonym, write %s", [key, right])) if {
	applies
	some [key, value] in present
	right := data.thresholds.tags.synonyms[key][lower(trim_space(value))]
}

deny contains said_of_resource(sprintf("the tag %q does not have the agreed form", [key])) if {
	applies
	some [key, value] in present
	pattern := data.thresholds.tags.patterns[key]
	not regex.match(pattern, value)
}
