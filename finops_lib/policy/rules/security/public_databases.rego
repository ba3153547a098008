# Is no database to be reached from the internet?
package finops.rules.security.public_databases

import data.finops.lib.shared.no
import data.finops.lib.shared.said_of_resource
import data.finops.lib.shared.unsure
import data.finops.lib.shared.word
import data.finops.lib.shared.yes
import rego.v1

id := "SEC-006"

applies if input.resource.type in limits.types

limits := data.thresholds.security.databases

deny contains said_of_resource(sprintf("%s is on: the database can be reached from the internet", [name])) if {
	name := limits.switches[input.resource.type]
	yes(object.get(input.resource.properties, name, limits.otherwise[input.resource.type]))
	not unsure(input.resource, name)
}

deny contains said_of_resource("whether the database can be reached from the internet cannot be decided") if {
	name := limits.switches[input.resource.type]
	unsure(input.resource, name)
}

deny contains said_of_resource("whether the database can be reached from the internet is neither true nor false") if {
	name := limits.switches[input.resource.type]
	value := object.get(input.resource.properties, name, false)
	not yes(value)
	not no(value)
	not unsure(input.resource, name)
}

# CloudFormation makes a database public by itself if neither this switch nor a group of subnets is given.
deny contains said_of_resource("neither PubliclyAccessible nor a subnet group is declared: AWS may make it public") if {
	input.resource.type == "AWS::RDS::DBInstance"
	object.get(input.resource.properties, "PubliclyAccessible", null) == null
	object.get(input.resource.properties, "DBSubnetGroupName", null) == null
}

deny contains said_of_resource("a network of the whole internet is authorised") if {
	input.resource.type == "google_sql_database_instance"
	walk(input.resource.properties, [path, value])
	path[count(path) - 1] == "value"
	endswith(word(value), "/0")
}

deny contains said_of_resource("the rule lets every address in") if {
	input.resource.type in limits.azure_rules
	input.resource.properties.start_ip_address == "0.0.0.0"
	input.resource.properties.end_ip_address != "0.0.0.0"
}
