# Is what lies in a bucket for us alone?
package finops.rules.security.public_buckets

import data.finops.lib.shared.allows
import data.finops.lib.shared.anyone
import data.finops.lib.shared.listed
import data.finops.lib.shared.said_of_resource
import data.finops.lib.shared.statements_of
import data.finops.lib.shared.unsure
import data.finops.lib.shared.word
import data.finops.lib.shared.yes
import rego.v1

id := "SEC-005"

applies if input.resource.type in limits.types

applies if input.resource.provider == "gcp"

limits := data.thresholds.security.public

deny contains said_of_resource("the access list lets everybody in") if {
	some path in limits.acl[input.resource.type]
	object.get(input.resource.properties, path, "private") in limits.acl_words
}

deny contains said_of_resource("who is on the access list cannot be decided from the files") if {
	some path in limits.acl[input.resource.type]
	unsure(input.resource, path)
}

blocks contains [name, object.get(input.resource.properties, name, null)] if {
	input.resource.type in limits.blocks
	some name in limits.block
}

blocks contains [name, value] if {
	block := input.resource.properties.PublicAccessBlockConfiguration
	some name in limits.block_of_templates
	value := [found | is_object(block); found := block[name]]
}

deny contains said_of_resource(sprintf("%s is not on: the block of public access has a gap", [part[0]])) if {
	some part in blocks
	count([value | some value in listed(part[1]); yes(value)]) == 0
}

# Who hands out rights by list or policy also needs the block.
opened if {
	some thing in input.related
	thing.type in limits.rights
	input.resource.address in thing.links
}

closed if {
	some thing in input.related
	thing.type == "aws_s3_bucket_public_access_block"
	input.resource.address in thing.links
}

closed if {
	some thing in input.related
	thing.type == "aws_s3_account_public_access_block"
	thing.account == input.resource.account
}

deny contains said_of_resource("rights are handed out and no block of public access stands before them") if {
	input.resource.type == "aws_s3_bucket"
	opened
	not closed
}

statements := [statement |
	some name in ["policy", "PolicyDocument"]
	some statement in statements_of(object.get(input.resource.properties, name, null))
]

deny contains said_of_resource("the policy of the bucket lets everybody in") if {
	input.resource.type in limits.policies
	some statement in statements
	allows(statement)
	anyone(statement)
	object.get(statement, "Condition", {}) == {}
}

deny contains said_of_resource("the policy of the bucket cannot be decided from the files") if {
	input.resource.type in limits.policies
	count(statements) == 0
}

deny contains said_of_resource(sprintf("%s is not a text and cannot be decided", [name])) if {
	input.resource.provider == "gcp"
	some name in ["member", "members", "entity", "role_entity"]
	some text in listed(object.get(input.resource.properties, name, null))
	not is_string(text)
}

deny contains said_of_resource(sprintf("%s is in: that is everybody", [who])) if {
	input.resource.provider == "gcp"
	some name in ["member", "members", "entity", "role_entity", "predefined_acl"]
	some text in listed(object.get(input.resource.properties, name, null))
	some who in limits.google
	contains(word(text), lower(who))
}

deny contains said_of_resource(sprintf("%s lets everybody in", [name])) if {
	some name, switch in limits.azure[input.resource.type]
	object.get(input.resource.properties, name, switch.unsaid) in switch.open
	not unsure(input.resource, name)
}

deny contains said_of_resource(sprintf("%s cannot be decided from the files", [name])) if {
	some name, _ in limits.azure[input.resource.type]
	unsure(input.resource, name)
}
