# Are the keys of the tags spelt as agreed?
package finops.rules.tags.keys

import data.finops.lib.shared.labels
import data.finops.lib.shared.said_of_resource
import data.finops.lib.shared.taggable
import data.finops.lib.shared.tagging
import rego.v1

id := "TAG-005"

applies if taggable

approve contains said_of_resource(sprintf("tag drift: the key %q stands for %q", [key, canonical])) if {
	some [canonical, key, _, _] in labels
	canonical in tagging.keys
	key != canonical
}

approve contains said_of_resource(sprintf("tag drift: several tags stand for %q", [canonical])) if {
	some canonical in tagging.keys
	count({label | some label in labels; label[0] == canonical}) > 1
}
