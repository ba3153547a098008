# Does no policy of AWS give more than a task needs?
package finops.rules.security.wide_policies

import data.finops.lib.shared.allows
import data.finops.lib.shared.anyone
import data.finops.lib.shared.items
import data.finops.lib.shared.listed
import data.finops.lib.shared.odd
import data.finops.lib.shared.said_of_resource
import data.finops.lib.shared.statements_of
import data.finops.lib.shared.unsure
import rego.v1

id := "SEC-008"

applies if input.resource.type in limits.judged

limits := data.thresholds.security.identity

documents contains document if {
	some name in limits.documents
	document := input.resource.properties[name]
}

documents contains document if {
	some name in ["Policies", "inline_policy"]
	some found in items(object.get(input.resource.properties, name, null))
	some field in ["PolicyDocument", "policy"]
	document := found[field]
}

documents contains input.resource.properties if input.resource.type == "aws_iam_policy_document"

statements contains statement if {
	some document in documents
	some statement in statements_of(document)
	allows(statement)
}

actions(statement) := {lower(action) |
	some name in ["Action", "actions"]
	some action in listed(object.get(statement, name, null))
	is_string(action)
}

everything(statement) if {
	some name in ["Resource", "resources"]
	some found in listed(object.get(statement, name, null))
	found in limits.everything
}

deny contains said_of_resource(sprintf("it allows %s on everything", [action])) if {
	some statement in statements
	everything(statement)
	some action in actions(statement)
	regex.match(`^([a-z0-9-]+:)?\*+(:\*)?$`, action)
}

deny contains said_of_resource(sprintf("%s allows all but what it lists", [name])) if {
	some statement in statements
	some name in ["NotAction", "not_actions", "NotResource", "not_resources"]
	count(listed(object.get(statement, name, null))) > 0
}

deny contains said_of_resource("it can hand any role to a service (iam:PassRole)") if {
	some statement in statements
	everything(statement)
	some action in actions(statement)
	glob.match(action, null, "iam:passrole")
}

deny contains said_of_resource("anybody may take this role") if {
	some name in ["assume_role_policy", "AssumeRolePolicyDocument"]
	some statement in statements_of(object.get(input.resource.properties, name, null))
	allows(statement)
	anyone(statement)
	object.get(statement, "Condition", {}) == {}
}

deny contains said_of_resource("it attaches a policy that may do everything") if {
	some name in limits.attached
	some found in listed(object.get(input.resource.properties, name, null))
	is_string(found)
	parts := split(found, "/")
	parts[count(parts) - 1] in limits.administrators
}

deny contains said_of_resource(sprintf("%s is no list of blocks and cannot be decided", [name])) if {
	some name in ["Policies", "inline_policy", "statement"]
	odd(object.get(input.resource.properties, name, null))
}

deny contains said_of_resource("the policy cannot be decided from the files") if {
	input.resource.type in limits.types
	some name in limits.documents
	unsure(input.resource, name)
}

deny contains said_of_resource("the policy cannot be read") if {
	input.resource.type in limits.types
	count(documents) > 0
	not unsure(input.resource, "policy")
	count([statement | some document in documents; some statement in statements_of(document)]) == 0
}
