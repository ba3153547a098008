# Is what lies in a bucket encrypted, in each form in which that can be declared?
package finops.rules.security.buckets

import data.finops.lib.shared.environment
import data.finops.lib.shared.items
import data.finops.lib.shared.said_of_resource
import data.finops.lib.shared.unsure
import rego.v1

id := "SEC-001"

applies if input.resource.type in limits.buckets

limits := data.thresholds.security.encryption

required if object.get(limits.require_declared, environment(input.resource.environment), true)

inline := "server_side_encryption_configuration.rule.apply_server_side_encryption_by_default.sse_algorithm"

algorithms contains algorithm if {
	some configuration in items(object.get(input.resource.properties, "server_side_encryption_configuration", null))
	algorithm := algorithm_of(configuration)
}

# The configuration may be a resource of its own that refers to the bucket.
separate contains thing if {
	some thing in input.related
	thing.type == "aws_s3_bucket_server_side_encryption_configuration"
	input.resource.address in thing.links
	object.get(thing.properties, "count", 1) != 0
}

algorithms contains algorithm if {
	some thing in separate
	not unsure(thing, "count")
	algorithm := algorithm_of(thing.properties)
}

algorithm_of(configuration) := by_default.sse_algorithm if {
	some rule in items(object.get(configuration, "rule", null))
	some by_default in items(object.get(rule, "apply_server_side_encryption_by_default", null))
}

algorithms contains algorithm if {
	some rule in items(object.get(input.resource.properties, ["BucketEncryption", "ServerSideEncryptionConfiguration"], null))
	algorithm := rule.ServerSideEncryptionByDefault.SSEAlgorithm
}

known contains algorithm if {
	some algorithm in algorithms
	algorithm in limits.algorithms
}

undecided if unsure(input.resource, inline)

undecided if unsure(input.resource, "BucketEncryption.ServerSideEncryptionConfiguration")

undecided if unsure(input.resource, "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.SSEAlgorithm")

undecided if {
	some thing in separate
	some path in ["count", "for_each", "rule.apply_server_side_encryption_by_default.sse_algorithm"]
	unsure(thing, path)
}

deny contains said_of_resource("whether the bucket is encrypted cannot be decided from the files") if {
	count(known) == 0
	undecided
}

deny contains said_of_resource("the bucket declares no encryption; what AWS does by default since 2023 is not relied on") if {
	required
	count(algorithms) == 0
	not undecided
}

deny contains said_of_resource("the bucket names no known way of encryption") if {
	count(algorithms) > 0
	count(known) == 0
	not undecided
}
