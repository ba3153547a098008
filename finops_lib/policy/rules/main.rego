# What do the policies of this bundle say of one input: allow, needs approval or deny.
# Nothing is allowed that was not understood: an input that is not well formed is denied by the rule INPUT.
package finops.main

import data.finops.lib.shared.moment
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

malformed contains "the schema is not 1" if object.get(given, "schema", null) != data.shapes.schema

malformed contains "the kind is neither resource nor change" if not object.get(given, "kind", "") in data.shapes.kinds

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
	not object.get(piece[2], field, null) in words
}

malformed contains sprintf("%s.%s is no moment in UTC", [piece[0], field]) if {
	some piece in pieces
	some field in data.shapes.moments[piece[1]]
	not moment(object.get(piece[2], field, null))
}

malformed contains sprintf("%s.%s holds something else than text", [piece[0], field]) if {
	some piece in pieces
	some field in data.shapes.texts[piece[1]]
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
	not object.get(given, "currency", null) in object.keys(data.thresholds.money.rates)
}

malformed contains "a currency has no rate in the thresholds" if {
	is_object(input.change.saving_month)
	not object.get(input.change.saving_month, "currency", null) in object.keys(data.thresholds.money.rates)
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
