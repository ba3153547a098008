# Is no port open to the whole internet but those that may be?
package finops.rules.security.open_ports

import data.finops.lib.shared.items
import data.finops.lib.shared.listed
import data.finops.lib.shared.odd
import data.finops.lib.shared.said_of_resource
import data.finops.lib.shared.unsure
import rego.v1

id := "SEC-004"

applies if limits.fields[input.resource.type]

limits := data.thresholds.security.open_ports

fields := limits.fields[input.resource.type]

# Each rule of the firewall: inline blocks, or the resource itself.
rules contains rule if {
	some rule in items(object.get(input.resource.properties, fields.list, null))
	entering(rule)
}

rules contains input.resource.properties if {
	fields.list == ""
	entering(input.resource.properties)
}

entering(rule) if {
	every name, words in fields.only {
		value := object.get(rule, name, words[0])
		not other(value, words)
	}
}

other(value, words) if {
	is_string(value)
	not lower(value) in words
}

sources(rule) := {source | some name in fields.sources; some source in listed(object.get(rule, name, null))}

# What a rule opens: protocol, first and last port, as far as can be read.
opened(rule) := {[protocol(rule), [object.get(rule, fields.from, "all"), object.get(rule, fields.to, "all")]]} if {
	fields.allow == ""
	fields.ranges == []
}

opened(rule) := {[protocol(rule), span(text)] |
	some name in fields.ranges
	some text in listed(object.get(rule, name, null))
} if fields.ranges != []

opened(rule) := {[lower(sprintf("%v", [object.get(allow, "protocol", "all")])), span(text)] |
	some allow in items(object.get(rule, fields.allow, null))
	some text in ports_of(object.get(allow, "ports", null))
} if fields.allow != ""

ports_of(found) := found if is_array(found)

ports_of(found) := ["all"] if not is_array(found)

protocol(rule) := lower(sprintf("%v", [object.get(rule, fields.protocol, "all")]))

span(text) := [to_number(text), to_number(text)] if regex.match(`^[0-9]{1,5}$`, sprintf("%v", [text]))

span(text) := [to_number(ends[0]), to_number(ends[1])] if {
	regex.match(`^[0-9]{1,5}-[0-9]{1,5}$`, sprintf("%v", [text]))
	ends := split(text, "-")
}

span(text) := ["all", "all"] if not regex.match(`^[0-9]{1,5}(-[0-9]{1,5})?$`, sprintf("%v", [text]))

world(source) if lower(source) in limits.everyone

world(source) if {
	regex.match(`^[0-9.]+/[0-9]{1,2}$`, source)
	to_number(split(source, "/")[1]) < limits.least_prefix
}

world(source) if {
	regex.match(`^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*/[0-9]{1,3}$`, source)
	to_number(split(source, "/")[1]) < limits.least_prefix_v6
}

harmless(opening) if opening[0] in limits.harmless

harmless(opening) if {
	opening[1][0] == opening[1][1]
	regex.match(`^[0-9]+$`, sprintf("%v", [opening[1][0]]))
	to_number(opening[1][0]) in limits.allowed[opening[0]]
}

deny contains said_of_resource(sprintf("%s, ports %v to %v, is open to %s", [opening[0], opening[1][0], opening[1][1], source])) if {
	some rule in rules
	some source in sources(rule)
	is_string(source)
	world(source)
	some opening in opened(rule)
	not harmless(opening)
}

deny contains said_of_resource("who may reach it cannot be decided from the files") if {
	some name in array.concat(fields.sources, fields.unsure)
	unsure(input.resource, path(name))
}

path(name) := name if fields.list == ""

path(name) := sprintf("%s.%s", [fields.list, name]) if fields.list != ""

deny contains said_of_resource(sprintf("%s is no list of blocks and cannot be decided", [name])) if {
	some name in [fields.list, fields.allow]
	odd(object.get(input.resource.properties, name, null))
}

deny contains said_of_resource("a source is not a text and cannot be decided") if {
	some rule in rules
	some source in sources(rule)
	not is_string(source)
}
