# What do the policies of this bundle say of one input: allow, needs approval or deny.
# Nothing is allowed that was not understood: an input that is not well formed is denied by the rule INPUT.
package finops.main

import rego.v1

default decision := {
	"outcome": "deny",
	"deny": [{"rule": "INPUT", "reason": "the input could not be judged", "subject": ""}],
	"approve": [],
	"evaluated": [],
}

decision := {"outcome": "deny", "deny": faults, "approve": [], "evaluated": []} if {
	faults := [{"rule": "INPUT", "reason": fault, "subject": ""} | some fault in malformed]
	count(faults) > 0
}

decision := {"outcome": outcome(denials, approvals), "deny": denials, "approve": approvals, "evaluated": ids} if {
	count(malformed) == 0
	ids := sort([policy.id | some policy in applying])
	count(ids) > 0
	denials := [said(policy.id, found) | some policy in applying; some found in object.get(policy, "deny", set())]
	approvals := [said(policy.id, found) | some policy in applying; some found in object.get(policy, "approve", set())]
}

applying := [policy | some area in data.finops.rules; some policy in area; policy.applies]

said(id, found) := {"rule": id, "reason": found.reason, "subject": found.subject}

outcome(denials, _) := "deny" if count(denials) > 0

outcome(denials, approvals) := "needs_approval" if {
	count(denials) == 0
	count(approvals) > 0
}

outcome(denials, approvals) := "allow" if {
	count(denials) == 0
	count(approvals) == 0
}

# Is the input well formed: each piece has the fields of its shape, all of them and no others.

malformed contains "the input is no object" if not is_object(input)

malformed contains "the schema is not 1" if object.get(input, "schema", null) != data.shapes.schema

malformed contains "the kind is neither resource nor change" if not data.shapes.pieces[object.get(input, "kind", "")]

malformed contains sprintf("%s has no field %q", [piece[0], field]) if {
	some piece in pieces
	some field in object.keys(data.shapes.pieces[piece[1]]) - object.keys(piece[2])
}

malformed contains sprintf("%s has a field %q that is not known", [piece[0], field]) if {
	some piece in pieces
	some field in object.keys(piece[2]) - object.keys(data.shapes.pieces[piece[1]])
}

malformed contains sprintf("%s.%s is of type %s", [piece[0], field, type_name(piece[2][field])]) if {
	some piece in pieces
	some field, types in data.shapes.pieces[piece[1]]
	not type_name(piece[2][field]) in types
}

malformed contains sprintf("%s.%s is outside what it can be", [piece[0], field]) if {
	some piece in pieces
	some field, range in data.shapes.ranges[piece[1]]
	outside(piece[2][field], range)
}

malformed contains sprintf("%s.%s is none of the words that it can be", [piece[0], field]) if {
	some piece in pieces
	some field, words in data.shapes.words[piece[1]]
	not piece[2][field] in words
}

malformed contains sprintf("%s.%s is no moment in UTC", [piece[0], field]) if {
	some piece in pieces
	some field in data.shapes.moments[piece[1]]
	not moment(piece[2][field])
}

malformed contains sprintf("%s holds something else than text", [part[0]]) if {
	some part in texts
	some text in part[1]
	not is_string(text)
}

malformed contains sprintf("%s holds something else than objects", [part[0]]) if {
	some part in lists
	some found in part[1]
	not is_object(found)
}

malformed contains "saving_month is not in order: low, mid, high" if disordered(input.change.saving_month)

malformed contains "a currency has no rate in the thresholds" if {
	input.kind == "resource"
	not data.thresholds.money.rates[input.currency]
}

malformed contains "a currency has no rate in the thresholds" if {
	is_object(input.change.saving_month)
	not data.thresholds.money.rates[input.change.saving_month.currency]
}

outside(value, range) if {
	is_number(value)
	value < range[0]
}

outside(value, range) if {
	is_number(value)
	value > range[1]
}

disordered(saving) if saving.low > saving.mid

disordered(saving) if saving.mid > saving.high

pieces := [piece | some piece in array.concat(single_pieces, many_pieces); is_object(piece[2])]

single_pieces := [
	["input", object.get(input, "kind", ""), input],
	["resource", "thing", object.get(input, "resource", null)],
	["directory", "directory", object.get(input, "directory", null)],
	["change", "plan", object.get(input, "change", null)],
	["saving_month", "saving", object.get(input, ["change", "saving_month"], null)],
	["budget", "budget", object.get(input, ["change", "budget"], null)],
	["actor", "actor", object.get(input, "actor", null)],
	["break_glass", "glass", object.get(input, "break_glass", null)],
	["model", "model", object.get(input, "model", null)],
	["audit", "audit", object.get(input, "audit", null)],
]

many_pieces := array.concat(
	[["related", "thing", thing] | some thing in object.get(input, "related", [])],
	array.concat(
		[["change.resources", "part", part] | some part in object.get(input, ["change", "resources"], [])],
		[["approvals", "approval", found] | some found in object.get(input, ["change", "approvals"], [])],
	),
)

lists := [part | some part in [
	["related", object.get(input, "related", [])],
	["change.resources", object.get(input, ["change", "resources"], [])],
	["approvals", object.get(input, ["change", "approvals"], [])],
]; is_array(part[1])]

texts := array.concat(
	[
		["resource.tags", object.get(input, ["resource", "tags"], {})],
		["resource.unknown", object.get(input, ["resource", "unknown"], [])],
		["resource.links", object.get(input, ["resource", "links"], [])],
		["directory.teams", object.get(input, ["directory", "teams"], [])],
		["directory.owners", object.get(input, ["directory", "owners"], [])],
		["actor.roles", object.get(input, ["actor", "roles"], [])],
	],
	array.concat(
		[["change.resources.tags", object.get(part, "tags", {})] | some part in object.get(input, ["change", "resources"], [])],
		[["approvals.roles", object.get(found, "roles", [])] | some found in object.get(input, ["change", "approvals"], [])],
	),
)

# What the policies share.

moment(text) := time.parse_rfc3339_ns(text) if {
	is_string(text)
	regex.match(data.shapes.moment, text)
}

now := moment(input.time)

hours(later, earlier) := (later - earlier) / 3600000000000

above(amount, limit) if amount - limit > data.thresholds.money.margin

usd(amount, currency) := amount * data.thresholds.money.rates[currency] if is_number(amount)

environment(name) := data.environments.names[lower(trim_space(name))]

environment(name) := data.environments.otherwise if not data.environments.names[lower(trim_space(name))]

environments := {environment(name) | some name in array.concat(
	[input.change.environment],
	[part.environment | some part in input.change.resources],
)}

within(window) if {
	time.weekday(now) in window.days
	clock := time.clock(now)
	clock[0] >= window.from_hour
	clock[0] < window.until_hour
}

# Emergency access counts only if all that ACC-003 asks of it is true.
glass if {
	is_object(input.break_glass)
	count(data.finops.rules.access.break_glass.deny) == 0
}

items(found) := found if is_array(found)

items(found) := [found] if is_object(found)

items(found) := [] if {
	not is_array(found)
	not is_object(found)
}

# A list where one value may stand alone.
listed(found) := found if is_array(found)

listed(found) := [] if is_null(found)

listed(found) := [found] if {
	not is_array(found)
	not is_null(found)
}

# Is the value at this path not to be known from the files; the places in lists do not count.
unsure(thing, path) if {
	some text in thing.unknown
	unknown := regex.replace(text, `\[[^\]]*\]|\.[0-9]+`, "")
	startswith(sprintf("%s.", [path]), sprintf("%s.", [unknown]))
}

yes(value) if value == true

yes(value) if {
	is_string(value)
	lower(value) == "true"
}

no(value) if value == false

no(value) if {
	is_string(value)
	lower(value) == "false"
}

size := input.resource.properties[data.catalogue.sizes[input.resource.type]]

labels contains [canonical(key), key, value] if some key, value in input.resource.tags

labels contains [canonical(key), key, value] if {
	some specification in items(object.get(input.resource.properties, "tag_specifications", null))
	some key, value in object.get(specification, "tags", {})
}

canonical(key) := data.thresholds.tags.aliases[lower(trim_space(key))]

canonical(key) := lower(trim_space(key)) if not data.thresholds.tags.aliases[lower(trim_space(key))]

taggable if input.resource.type in data.thresholds.tags.types

missing_tags contains key if {
	taggable
	some key in object.get(data.thresholds.tags.required, input.resource.provider, data.thresholds.tags.required.otherwise)
	count([label | some label in labels; label[0] == key; trim_space(label[2]) != ""]) == 0
}

# The larger of what a change may save and what it moves the cost by; undefined if neither is known.
money_at_stake := max(amounts) if count(amounts) > 0

amounts contains usd(input.change.saving_month.high, input.change.saving_month.currency)

amounts contains abs(input.change.cost_delta_month) if is_number(input.change.cost_delta_month)

said_of_change(reason) := {"reason": reason, "subject": input.change.id}

said_of_resource(reason) := {"reason": reason, "subject": input.resource.address}

# The statements of a policy of AWS: a text of JSON, an object, or the blocks of Terraform.
statements(document) := blocks_of(json.unmarshal(document)) if readable(document)

statements(document) := blocks_of(document) if is_object(document)

statements(document) := [] if {
	not is_object(document)
	not readable(document)
}

readable(document) if {
	is_string(document)
	json.is_valid(document)
}

blocks_of(found) := array.concat(
	items(object.get(found, "Statement", null)),
	items(object.get(found, "statement", null)),
)

allows(statement) if lower(object.get(statement, "Effect", object.get(statement, "effect", "Allow"))) == "allow"

anyone(statement) if {
	walk(object.get(statement, "Principal", null), [_, value])
	value == "*"
}

anyone(statement) if {
	some principal in items(object.get(statement, "principals", null))
	"*" in principal.identifiers
}
