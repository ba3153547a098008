# Are the keys of the tags spelt as agreed?
package finops.rules.tags.keys

import data.finops.lib.shared.labels
import data.finops.lib.shared.said_of_resource
import data.finops.lib.shared.taggable
import rego.v1

id := "TAG-005"

applies if input.kind == "resource"

approve contains said_of_resource(sprintf("tag drift: the key %q stands for %q", [key, canonical])) if {
	applies
	taggable
	some [canonical, key, _] in labels
	canonical in data.thresholds.tags.keys
	key != canonical
}

approve contains said_of_resource(sprintf("tag drift: several tags stand for %q", [canonical])) if {
	applies
	taggable
	some canonical in data.thresholds.tags.keys
	count({label | some label in labels; label[0] == canonical}) > 1
}
