# Does the team that the tag names exist in the directory?
package finops.rules.tags.owner

import data.finops.lib.shared.labels
import data.finops.lib.shared.said_of_resource
import data.finops.lib.shared.taggable
import rego.v1

id := "TAG-003"

applies := true

# Names that are not spelt as in the directory.
strangers contains label[2] if {
	taggable
	some label in labels
	label[0] == "team"
	label[3] != ""
	not label[2] in input.directory.teams
}

near(name) if {
	some team in input.directory.teams
	bare(team) == bare(name)
}

# A team without case, hyphens and spaces around it.
bare(team) := replace(lower(trim_space(team)), "-", "")

deny contains said_of_resource("the tag \"team\" names nobody in the directory") if {
	some name in strangers
	not near(name)
}

approve contains said_of_resource("tag drift: the team is not spelt as in the directory") if {
	some name in strangers
	near(name)
}

deny contains said_of_resource("the owner of the file is nobody in the directory") if {
	some owner in split(input.resource.owner, " ")
	owner != ""
	not owner in input.directory.owners
}
