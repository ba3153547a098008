# Does no service of Kubernetes open a load balancer to the internet?
package finops.rules.security.public_services

import data.finops.lib.shared.said_of_resource
import data.finops.lib.shared.unsure
import rego.v1

id := "SEC-007"

applies if input.resource.type == "Service"

limits := data.thresholds.security.services

spec := input.resource.properties.spec if is_object(object.get(input.resource.properties, "spec", null))

annotations := object.get(input.resource.properties, ["metadata", "annotations"], {})

inward if {
	some name, words in limits.internal
	is_string(annotations[name])
	lower(annotations[name]) in words
}

narrow if {
	ranges := object.get(spec, "loadBalancerSourceRanges", [])
	is_array(ranges)
	count(ranges) > 0
	every range in ranges {
		is_string(range)
		not endswith(range, "/0")
	}
}

deny contains said_of_resource("the service opens a load balancer to the internet") if {
	spec.type == "LoadBalancer"
	not inward
	not narrow
}

deny contains said_of_resource("a service without a specification cannot be decided") if {
	not spec
	not unsure(input.resource, "spec.type")
}

deny contains said_of_resource("what kind of service it is cannot be decided from the files") if {
	unsure(input.resource, "spec.type")
}
