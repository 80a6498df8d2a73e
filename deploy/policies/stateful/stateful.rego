# Rules for changes of durable state, over what Plumbline adds to a plan (`input.plumbline`). Copy the folder into a
# policy repository, and put your own numbers into data.yaml. What Plumbline itself denies (a class that is claimed too
# low, an unproven backup, contract beside expand, an image before its schema) is here as well, for teams that want it
# said by their own policy owners.
package plumbline.stateful

import rego.v1

known := input.plumbline

claim := object.get(known, "claim", null)

findings := object.get(object.get(known, "files", null), "findings", []) if is_object(object.get(known, "files", null))

else := []

destroying := [f | some f in findings; regex.match(`^(sql|migration)-(drop|truncate|delete)`, f.rule)]

class_of(c) := object.get(c, "class", "R0") if is_object(c)

class_of(c) := "R0" if not is_object(c)

# Null, or a class that is not said, counts as the lowest one.
claimed := level if {
	level := class_of(claim)
	is_string(level)
}

else := "R0"

deny contains msg if {
	some f in destroying
	f.rule in {"sql-drop-table", "migration-drop-table"}
	claimed < "R4"
	msg := sprintf("%s drops a table, and stateful_change.class is %s; say R4 or R5, or leave the table.", [f.path, claimed])
}

deny contains msg if {
	some f in destroying
	not backup_proven
	msg := sprintf("%s destroys data without a backup whose restore passed; give backup.id and restore_test.", [f.path])
}

backup_proven if {
	claim.backup.id != null
	claim.backup.restoreTest.passed == true
}

deny contains msg if {
	phases := {f.phase | some f in findings}
	{"expand", "contract"} & phases == {"expand", "contract"}
	msg := "Contract and expand come in one pull request; split it, so that there is a way back."
}

deny contains msg if {
	count(known.files.images) > 0
	count(known.files.migrations) > 0
	not new_reads_old
	msg := sprintf("%s is rolled out with the migration that it may need; merge the migration first.", [known.files.images[0].image])
}

new_reads_old if claim.compatibility.newReadsOld == true

deny contains msg if {
	some who in known.files.identities
	lower(who.user) in data.stateful.privileged
	msg := sprintf("%s lets a migration run as %s; give it a user of its own.", [who.path, who.user])
}

# Retention, in days, of what a plan leaves behind, below what its data needs.
deny contains msg if {
	some change in input.resource_changes
	some attribute, days in retention(change)
	days >= 0
	some entry in object.get(known.context, change.address, [])
	least := data.stateful.least_days[classification(entry)]
	days < least
	msg := sprintf(
		"%s keeps %s for %v days, and %s data takes %v; raise it.",
		[change.address, attribute, days, classification(entry), least],
	)
}

# Zero or -1 mean "for ever" where the catalogue says so, and "off" elsewhere.
retention(change) := {attribute: days |
	some attribute in ["retention_in_days", "backup_retention_period", "retention_period"]
	days := object.get(change.change.after, attribute, null)
	is_number(days)
	not forever(attribute, days)
} if {
	is_object(change.change.after)
}

retention(change) := {} if not is_object(change.change.after)

forever("retention_in_days", 0)

classification(entry) := lower(entry.dataClassification)

warn contains msg if {
	count(known.files.migrations) > 0
	not runtime_said
	msg := "The migration has no estimated runtime; say migration.estimated_runtime."
}

runtime_said if claim.migration.estimatedRuntime != null

warn contains msg if {
	some table in known.files.unsized
	msg := sprintf("Nobody tells how large %s is; give its table_stats in resource_context.", [table])
}
