# Does the team that the tag names exist in the directory?
package finops.rules.tags.owner

import data.finops.lib.shared.labels
import data.finops.lib.shared.said_of_resource
import data.finops.lib.shared.taggable
import rego.v1

id := "TAG-003"

applies if input.kind == "resource"

teams := {value |
	taggable
	some ["team", _, value] in labels
	trim_space(value) != ""
}

# A team and its spelling without case, hyphens and spaces around it.
bare(team) := replace(lower(trim_space(team)), "-", "")

near := {bare(team) | some team in input.directory.teams}

deny contains said_of_resource("the tag \"team\" names nobody in the directory") if {
	applies
	some team in teams
	not bare(team) in near
}

approve contains said_of_resource("tag drift: the team is not spelt as in the directory") if {
	applies
	some team in teams
	bare(team) in near
	not team in input.directory.teams
}

deny contains said_of_resource("the owner of the file is nobody in the directory") if {
	applies
	some owner in split(input.resource.owner, " ")
	owner != ""
	not owner in input.directory.owners
}
