# What do the policies of this bundle say of one input: allow, needs approval or deny.
# Nothing is allowed that was not understood: an input that is not well formed is denied by the rule INPUT.
package finops.main

import data.finops.lib.shared.moment
import data.finops.lib.shared.money
import data.finops.lib.shared.shapes
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

# Each policy is named, for then an engine leaves alone those that do not apply.
applying contains data.finops.rules.cost.families if {
	input.kind == "resource"
	data.finops.rules.cost.families.applies
}

applying contains data.finops.rules.cost.gpu if {
	input.kind == "resource"
	data.finops.rules.cost.gpu.applies
}

applying contains data.finops.rules.operations.replicas if {
	input.kind == "resource"
	data.finops.rules.operations.replicas.applies
}

applying contains data.finops.rules.security.at_rest if {
	input.kind == "resource"
	data.finops.rules.security.at_rest.applies
}

applying contains data.finops.rules.security.buckets if {
	input.kind == "resource"
	data.finops.rules.security.buckets.applies
}

applying contains data.finops.rules.security.customer_keys if {
	input.kind == "resource"
	data.finops.rules.security.customer_keys.applies
}

applying contains data.finops.rules.security.open_ports if {
	input.kind == "resource"
	data.finops.rules.security.open_ports.applies
}

applying contains data.finops.rules.security.public_buckets if {
	input.kind == "resource"
	data.finops.rules.security.public_buckets.applies
}

applying contains data.finops.rules.security.public_databases if {
	input.kind == "resource"
	data.finops.rules.security.public_databases.applies
}

applying contains data.finops.rules.security.public_services if {
	input.kind == "resource"
	data.finops.rules.security.public_services.applies
}

applying contains data.finops.rules.security.wide_policies if {
	input.kind == "resource"
	data.finops.rules.security.wide_policies.applies
}

applying contains data.finops.rules.security.wide_roles if {
	input.kind == "resource"
	data.finops.rules.security.wide_roles.applies
}

applying contains data.finops.rules.tags.keys if {
	input.kind == "resource"
	data.finops.rules.tags.keys.applies
}

applying contains data.finops.rules.tags.owner if {
	input.kind == "resource"
	data.finops.rules.tags.owner.applies
}

applying contains data.finops.rules.tags.required if {
	input.kind == "resource"
	data.finops.rules.tags.required.applies
}

applying contains data.finops.rules.tags.values if {
	input.kind == "resource"
	data.finops.rules.tags.values.applies
}

applying contains data.finops.rules.tags.weighted if {
	input.kind == "resource"
	data.finops.rules.tags.weighted.applies
}

applying contains data.finops.rules.access.break_glass if {
	input.kind == "change"
	data.finops.rules.access.break_glass.applies
}

applying contains data.finops.rules.access.least_privilege if {
	input.kind == "change"
	data.finops.rules.access.least_privilege.applies
}

applying contains data.finops.rules.access.window if {
	input.kind == "change"
	data.finops.rules.access.window.applies
}

applying contains data.finops.rules.cost.budget if {
	input.kind == "change"
	data.finops.rules.cost.budget.applies
}

applying contains data.finops.rules.cost.resize if {
	input.kind == "change"
	data.finops.rules.cost.resize.applies
}

applying contains data.finops.rules.cost.saving_floor if {
	input.kind == "change"
	data.finops.rules.cost.saving_floor.applies
}

applying contains data.finops.rules.duties.approvals if {
	input.kind == "change"
	data.finops.rules.duties.approvals.applies
}

applying contains data.finops.rules.duties.persons if {
	input.kind == "change"
	data.finops.rules.duties.persons.applies
}

applying contains data.finops.rules.duties.separation if {
	input.kind == "change"
	data.finops.rules.duties.separation.applies
}

applying contains data.finops.rules.envelope.blast_radius if {
	input.kind == "change"
	data.finops.rules.envelope.blast_radius.applies
}

applying contains data.finops.rules.envelope.breach if {
	input.kind == "change"
	data.finops.rules.envelope.breach.applies
}

applying contains data.finops.rules.envelope.confidence if {
	input.kind == "change"
	data.finops.rules.envelope.confidence.applies
}

applying contains data.finops.rules.envelope.daily_cap if {
	input.kind == "change"
	data.finops.rules.envelope.daily_cap.applies
}

applying contains data.finops.rules.envelope.hours if {
	input.kind == "change"
	data.finops.rules.envelope.hours.applies
}

applying contains data.finops.rules.envelope.model if {
	input.kind == "change"
	data.finops.rules.envelope.model.applies
}

applying contains data.finops.rules.envelope.money if {
	input.kind == "change"
	data.finops.rules.envelope.money.applies
}

applying contains data.finops.rules.envelope.percent if {
	input.kind == "change"
	data.finops.rules.envelope.percent.applies
}

applying contains data.finops.rules.operations.cuts if {
	input.kind == "change"
	data.finops.rules.operations.cuts.applies
}

applying contains data.finops.rules.operations.freeze if {
	input.kind == "change"
	data.finops.rules.operations.freeze.applies
}

applying contains data.finops.rules.operations.protected if {
	input.kind == "change"
	data.finops.rules.operations.protected.applies
}

applying contains data.finops.rules.operations.replicas_change if {
	input.kind == "change"
	data.finops.rules.operations.replicas_change.applies
}

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

malformed contains "the schema is not 1" if object.get(given, "schema", null) != shapes.schema

malformed contains "the kind is neither resource nor change" if not object.get(given, "kind", "") in shapes.kinds

malformed contains sprintf("%s has no field %q", [piece[0], field]) if {
	some piece in pieces
	count(piece[2]) != count(shapes.pieces[piece[1]])
	some field in object.keys(shapes.pieces[piece[1]]) - object.keys(piece[2])
}

malformed contains sprintf("%s.%s is of type %s, or not known at all", [piece[0], field, type_name(value)]) if {
	some piece in pieces
	shape := shapes.pieces[piece[1]]
	some field, value in piece[2]
	not type_name(value) in object.get(shape, field, [])
}

malformed contains sprintf("%s.%s is outside what it can be", [piece[0], field]) if {
	some piece in pieces
	some field, range in shapes.ranges[piece[1]]
	outside(piece[2][field], range)
}

malformed contains sprintf("%s.%s is none of the words that it can be", [piece[0], field]) if {
	some piece in pieces
	some field, words in shapes.words[piece[1]]
	not object.get(piece[2], field, null) in words
}

malformed contains sprintf("%s.%s is no moment in UTC", [piece[0], field]) if {
	some piece in pieces
	some field in shapes.moments[piece[1]]
	not moment(object.get(piece[2], field, null))
}

malformed contains sprintf("%s.%s holds something else than text", [piece[0], field]) if {
	some piece in pieces
	some field in shapes.texts[piece[1]]
	held := piece[2][field]
	is_collection(held)
	some text in held
	not is_string(text)
}

malformed contains sprintf("%s holds something else than objects", [list[0]]) if {
	some list in lists
	some found in list[1]
	not is_object(found)
}

malformed contains "saving_month is not in order: low, mid, high" if disordered(input.change.saving_month)

malformed contains "a currency has no rate in the thresholds" if {
	input.kind == "resource"
	not object.get(given, "currency", null) in object.keys(money.rates)
}

malformed contains "a currency has no rate in the thresholds" if {
	is_object(input.change.saving_month)
	not object.get(input.change.saving_month, "currency", null) in object.keys(money.rates)
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

# The input as an object, so that nothing below asks a list or a text for its fields.
given := input if is_object(input)

given := {} if not is_object(input)

pieces := [piece | some piece in array.concat(single_pieces, many_pieces); is_object(piece[2])]

single_pieces := [
	["input", object.get(given, "kind", ""), given],
	["resource", "thing", object.get(given, "resource", null)],
	["directory", "directory", object.get(given, "directory", null)],
	["change", "plan", object.get(given, "change", null)],
	["saving_month", "saving", object.get(given, ["change", "saving_month"], null)],
	["budget", "budget", object.get(given, ["change", "budget"], null)],
	["actor", "actor", object.get(given, "actor", null)],
	["break_glass", "glass", object.get(given, "break_glass", null)],
	["model", "model", object.get(given, "model", null)],
	["audit", "audit", object.get(given, "audit", null)],
]

many_pieces := [[list[0], list[2], found] | some list in lists; some found in list[1]]

is_collection(found) if is_array(found)

is_collection(found) if is_object(found)

lists := [list | some list in [
	["related", object.get(given, "related", null), "thing"],
	["change.resources", object.get(given, ["change", "resources"], null), "part"],
	["approvals", object.get(given, ["change", "approvals"], null), "approval"],
]; is_array(list[1])]
