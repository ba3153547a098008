# What the policies share: time, money, environments, tags, and values that files do not tell.
package finops.lib.shared

import rego.v1

# Values of the data that are asked for often: a rule is looked up once, a path of the data each time.
thresholds := data.thresholds

shapes := data.shapes

names := data.environments

money := thresholds.money

tagging := thresholds.tags

moment(text) := time.parse_rfc3339_ns(text) if {
	is_string(text)
	regex.match(shapes.moment, text)
}

now := moment(input.time)

hours(later, earlier) := (later - earlier) / 3600000000000

above(amount, limit) if {
	is_number(amount)
	is_number(limit)
	amount - limit > money.margin
}

usd(amount, currency) := amount * money.rates[currency] if is_number(amount)

environment(name) := object.get(names.names, lower(trim_space(name)), names.otherwise)

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

# Where a machine of this type says how large it is, and what it says.
size_field := data.catalogue.sizes[input.resource.type]

size := input.resource.properties[size_field]

# Each tag: what its key stands for, the key, the value, and the value without case and spaces around it.
labels contains [canonical(key), key, value, lower(trim_space(value))] if some key, value in input.resource.tags

labels contains [canonical(key), key, value, lower(trim_space(value))] if {
	some specification in items(object.get(input.resource.properties, "tag_specifications", null))
	is_object(specification.tags)
	some key, value in specification.tags
	is_string(value)
}

canonical(key) := object.get(tagging.aliases, lower(trim_space(key)), lower(trim_space(key)))

taggable if input.resource.type in tagging.types

missing_tags contains key if {
	taggable
	some key in object.get(tagging.required, input.resource.provider, tagging.required.otherwise)
	count([label | some label in labels; label[0] == key; label[3] != ""]) == 0
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
