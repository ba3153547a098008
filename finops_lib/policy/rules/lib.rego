# What the policies share: time, money, environments, tags, and values that files do not tell.
package finops.lib.shared

import rego.v1

moment(text) := time.parse_rfc3339_ns(text) if {
	is_string(text)
	regex.match(data.shapes.moment, text)
}

now := moment(input.time)

hours(later, earlier) := (later - earlier) / 3600000000000

above(amount, limit) if {
	is_number(amount)
	is_number(limit)
	amount - limit > data.thresholds.money.margin
}

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

# The objects of a list; a block of Terraform may also stand alone.
items(found) := [one | some one in found; is_object(one)] if is_array(found)

items(found) := [found] if is_object(found)

items(found) := [] if {
	not is_array(found)
	not is_object(found)
}

# Is it neither absent nor a list of objects, so that nobody can tell what it says.
odd(found) if {
	is_array(found)
	some one in found
	not is_object(one)
}

odd(found) if {
	found != null
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
	is_object(specification.tags)
	some key, value in specification.tags
	is_string(value)
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
statements_of(document) := blocks_of(json.unmarshal(document)) if readable(document)

statements_of(document) := blocks_of(document) if is_object(document)

statements_of(document) := [] if {
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

# What does not deny allows.
allows(statement) if word(object.get(statement, "Effect", object.get(statement, "effect", null))) != "deny"

word(value) := lower(trim_space(value)) if is_string(value)

word(value) := "" if not is_string(value)

anyone(statement) if {
	walk(object.get(statement, "Principal", null), [_, value])
	value == "*"
}

anyone(statement) if {
	some principal in items(object.get(statement, "principals", null))
	"*" in principal.identifiers
}
