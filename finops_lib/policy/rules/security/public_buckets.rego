# Is what lies in a bucket for us alone?
package finops.rules.security.public_buckets

import data.finops.main
import rego.v1

id := "SEC-005"

applies if input.kind == "resource"

limits := data.thresholds.security.public

deny contains main.said_of_resource("the access list lets everybody in") if {
	applies
	some path in limits.acl[input.resource.type]
	object.get(input.resource.properties, path, "private") in limits.acl_words
}

deny contains main.said_of_resource("who is on the access list cannot be decided from the files") if {
	applies
	some path in limits.acl[input.resource.type]
	main.unsure(input.resource, path)
}

blocks contains [name, block[name]] if {
	input.resource.type in ["aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block"]
	block := input.resource.properties
	some name in limits.block
}

blocks contains [name, object.get(block, name, false)] if {
	block := input.resource.properties.PublicAccessBlockConfiguration
	some name in limits.block_of_templates
}

blocks contains [name, false] if {
	input.resource.type in ["aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block"]
	some name in limits.block
	object.get(input.resource.properties, name, null) == null
}

deny contains main.said_of_resource(sprintf("%s is not on: the block of public access has a gap", [part[0]])) if {
	applies
	some part in blocks
	not main.yes(part[1])
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

deny contains main.said_of_resource("rights are handed out and no block of public access stands before them") if {
	applies
	input.resource.type == "aws_s3_bucket"
	opened
	not closed
}

statements := [statement |
	some name in ["policy", "PolicyDocument"]
	some statement in main.statements(object.get(input.resource.properties, name, null))
]

deny contains main.said_of_resource("the policy of the bucket lets everybody in") if {
	applies
	input.resource.type in limits.policies
	some statement in statements
	main.allows(statement)
	main.anyone(statement)
	object.get(statement, "Condition", {}) == {}
}

deny contains main.said_of_resource("the policy of the bucket cannot be decided from the files") if {
	applies
	input.resource.type in limits.policies
	count(statements) == 0
}

deny contains main.said_of_resource(sprintf("%s is in: that is everybody", [who])) if {
	applies
	input.resource.provider == "gcp"
	some name in ["member", "members", "entity", "role_entity", "predefined_acl"]
	some text in main.listed(object.get(input.resource.properties, name, null))
	some who in limits.google
	contains(lower(text), lower(who))
}

deny contains main.said_of_resource(sprintf("%s lets everybody in", [name])) if {
	applies
	some name, words in limits.azure[input.resource.type]
	some value in [object.get(input.resource.properties, name, words[0])]
	value in words
	not main.unsure(input.resource, name)
}

deny contains main.said_of_resource(sprintf("%s cannot be decided from the files", [name])) if {
	applies
	some name, _ in limits.azure[input.resource.type]
	main.unsure(input.resource, name)
}
