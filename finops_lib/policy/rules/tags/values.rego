# Are the values of the tags among those allowed, in the one spelling?
package finops.rules.tags.values

import data.finops.lib.shared.labels
import data.finops.lib.shared.said_of_resource
import data.finops.lib.shared.taggable
import data.finops.lib.shared.tagging
import rego.v1

id := "TAG-002"

applies if taggable

allowed := tagging.allowed

deny contains said_of_resource(sprintf("the tag %q has a value that is not allowed", [key])) if {
	some [key, _, value, word] in labels
	word != ""
	allowed[key]
	not word in allowed[key]
	not tagging.synonyms[key][word]
}

approve contains said_of_resource(sprintf("tag drift: the value of %q is not spelt as agreed", [key])) if {
	some [key, _, value, word] in labels
	word != ""
	word in allowed[key]
	not value in allowed[key]
}

approve contains said_of_resource(sprintf("tag drift: %q is a synonym, write %s", [key, right])) if {
	some [key, _, _, word] in labels
	right := tagging.synonyms[key][word]
}

deny contains said_of_resource(sprintf("the tag %q does not have the agreed form", [key])) if {
	some [key, _, value, word] in labels
	word != ""
	pattern := tagging.patterns[key]
	not regex.match(pattern, value)
}
