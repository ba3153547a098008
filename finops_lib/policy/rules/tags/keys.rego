# Are the keys of the tags spelt as agreed?
package finops.rules.tags.keys

import data.finops.main
import rego.v1

id := "TAG-005"

applies if input.kind == "resource"

approve contains main.said_of_resource(sprintf("tag drift: the key %q stands for %q", [key, canonical])) if {
	applies
	main.taggable
	some [canonical, key, _] in main.labels
	canonical in data.thresholds.tags.keys
	key != canonical
}

approve contains main.said_of_resource(sprintf("tag drift: several tags stand for %q", [canonical])) if {
	applies
	main.taggable
	some canonical in data.thresholds.tags.keys
	count({label | some label in main.labels; label[0] == canonical}) > 1
}
