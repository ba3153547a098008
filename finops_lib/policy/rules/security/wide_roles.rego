# Does no grant in Google Cloud, Azure or Kubernetes make somebody master of everything?
package finops.rules.security.wide_roles

import data.finops.lib.shared.items
import data.finops.lib.shared.odd
import data.finops.lib.shared.said_of_resource
import data.finops.lib.shared.unsure
import data.finops.lib.shared.word
import rego.v1

id := "SEC-009"

applies if input.resource.type in limits.types

limits := data.thresholds.security.roles

deny contains said_of_resource(sprintf("%s is a primitive role", [input.resource.properties.role])) if {
	input.resource.type in limits.google_types
	input.resource.properties.role in limits.google
}

deny contains said_of_resource(sprintf("%s over a whole subscription", [role])) if {
	input.resource.type == "azurerm_role_assignment"
	role := input.resource.properties.role_definition_name
	role in limits.azure
	regex.match(limits.wide_scope, word(object.get(input.resource.properties, "scope", null)))
	not unsure(input.resource, "scope")
}

deny contains said_of_resource("over what the role is given cannot be decided from the files") if {
	input.resource.type == "azurerm_role_assignment"
	some path in ["role_definition_name", "scope"]
	unsure(input.resource, path)
}

deny contains said_of_resource("which role is given cannot be decided from the files") if {
	input.resource.type in limits.google_types
	unsure(input.resource, "role")
}

deny contains said_of_resource(sprintf("it binds somebody to %s", [role])) if {
	input.resource.type in ["ClusterRoleBinding", "RoleBinding"]
	role := input.resource.properties.roleRef.name
	role in limits.kubernetes
}

deny contains said_of_resource("its rules cannot be read") if {
	input.resource.type in ["ClusterRole", "Role"]
	odd(object.get(input.resource.properties, "rules", null))
}

deny contains said_of_resource("the role may do everything with everything") if {
	input.resource.type in ["ClusterRole", "Role"]
	some rule in items(object.get(input.resource.properties, "rules", null))
	"*" in rule.verbs
	"*" in rule.resources
}
