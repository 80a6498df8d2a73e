package plumbline.stateful_test

import data.plumbline.stateful
import rego.v1

nothing := {"findings": [], "images": [], "migrations": [], "identities": [], "unsized": []}

about(claim, files) := {"resource_changes": [], "plumbline": {"claim": claim, "files": object.union(nothing, files), "context": {}}}

drop := {"rule": "sql-drop-table", "path": "V2.sql", "class": "R4", "phase": "contract"}

add := {"rule": "sql-add-column", "path": "V3.sql", "class": "R1", "phase": "expand"}

proven := {
	"class": "R4",
	"backup": {"id": "snap-1", "restoreTest": {"passed": true}},
	"compatibility": {"newReadsOld": null},
	"migration": {"estimatedRuntime": "8m"},
}

test_nothing_is_said_of_nothing if {
	count(stateful.deny) == 0 with input as about(null, {})
	count(stateful.warn) == 0 with input as about(null, {})
}

test_a_plan_without_a_pull_request if {
	count(stateful.deny) == 0 with input as {"resource_changes": [], "plumbline": {"claim": null, "files": null, "context": {}}}
}

test_a_dropped_table_is_r4_and_takes_a_backup if {
	count(stateful.deny) == 2 with input as about(null, {"findings": [drop]})
	count(stateful.deny) == 2 with input as about({"class": null, "backup": {"id": null}}, {"findings": [drop]})
	count(stateful.deny) == 0 with input as about(proven, {"findings": [drop]})
}

test_contract_beside_expand if {
	count(stateful.deny) == 1 with input as about(proven, {"findings": [drop, add]})
}

test_an_image_beside_its_migration if {
	both := {"images": [{"path": "a.yaml", "image": "app:2"}], "migrations": ["V3.sql"]}
	count(stateful.deny) == 1 with input as about(proven, both)
	works := object.union(proven, {"compatibility": {"newReadsOld": true}})
	count(stateful.deny) == 0 with input as about(works, both)
}

test_a_privileged_user if {
	count(stateful.deny) == 1 with input as about(null, {"identities": [{"path": "job.yaml", "user": "Postgres"}]})
	count(stateful.deny) == 0 with input as about(null, {"identities": [{"path": "job.yaml", "user": "migrator"}]})
}

kept(days) := {
	"resource_changes": [{"address": "aws_db_instance.a", "change": {"after": {"backup_retention_period": days}}}],
	"plumbline": {
		"claim": null,
		"files": null,
		"context": {"aws_db_instance.a": [{"dataClassification": "PII"}]},
	},
}

test_retention_below_what_the_data_needs if {
	count(stateful.deny) == 1 with input as kept(7)
	count(stateful.deny) == 1 with input as kept(0)
	count(stateful.deny) == 0 with input as kept(30)
}

test_warnings if {
	count(stateful.warn) == 2 with input as about(null, {"migrations": ["V3.sql"], "unsized": ["orders"]})
	count(stateful.warn) == 0 with input as about(proven, {"migrations": ["V3.sql"]})
}
