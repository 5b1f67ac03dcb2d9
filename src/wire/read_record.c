/* read_record.c - records from lines; see record.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "wire/fields.h"
#include "wire/json.h"
#include "wire/record.h"
#include "wire/tenant.h"
#include "wire/wire.h"

enum { FORMAT = 1 };

/* The members as they came, of whatever line. */
struct members {
	const char *line, *id, *state, *request, *result, *tenant, *key, *settings;
	int64_t format, first_ms, last_ms, jobs, keys, tenants;
	int64_t created_ms, run_at_ms, expires_at_ms, next_run_at_ms, started_ms, finished_ms;
	int64_t started, failures, crashes, digest, until_ms;
	json_t *attempts;
};

#define AT(member) offsetof(struct members, member)

static const struct field begin_fields[] = {
	{"line",               FIELD_STRING,  AT(line),     true, 0,      0        },
	{"format",             FIELD_INTEGER, AT(format),   true, FORMAT, FORMAT   },
	{"forgotten_first_ms", FIELD_INTEGER, AT(first_ms), true, 0,      INT64_MAX},
	{"forgotten_last_ms",  FIELD_INTEGER, AT(last_ms),  true, -1,     INT64_MAX},
};

static const struct field job_fields[] = {
	{"line",           FIELD_STRING,  AT(line),           true,  0, 0            },
	{"id",             FIELD_STRING,  AT(id),             true,  0, 0            },
	{"state",          FIELD_STRING,  AT(state),          true,  0, 0            },
	{"created_ms",     FIELD_INTEGER, AT(created_ms),     true,  0, INT64_MAX    },
	{"run_at_ms",      FIELD_INTEGER, AT(run_at_ms),      true,  0, INT64_MAX    },
	{"expires_at_ms",  FIELD_INTEGER, AT(expires_at_ms),  true,  0, INT64_MAX    },
	{"next_run_at_ms", FIELD_INTEGER, AT(next_run_at_ms), true,  0, INT64_MAX    },
	{"started_ms",     FIELD_INTEGER, AT(started_ms),     true,  0, INT64_MAX    },
	{"finished_ms",    FIELD_INTEGER, AT(finished_ms),    true,  0, INT64_MAX    },
	{"started",        FIELD_INTEGER, AT(started),        true,  0, UINT32_MAX   },
	{"failures",       FIELD_INTEGER, AT(failures),       true,  0, UINT32_MAX   },
	{"crashes",        FIELD_INTEGER, AT(crashes),        true,  0, UINT32_MAX   },
	{"attempts",       FIELD_ARRAY,   AT(attempts),       true,  0, ATTEMPTS_KEPT},
	{"request",        FIELD_STRING,  AT(request),        true,  0, 0            },
	{"result",         FIELD_STRING,  AT(result),         false, 0, 0            },
};

static const struct field key_fields[] = {
	{"line",     FIELD_STRING,  AT(line),     true, 0,         0              },
	{"tenant",   FIELD_STRING,  AT(tenant),   true, 1,         TENANT_NAME_MAX},
	{"key",      FIELD_STRING,  AT(key),      true, 1,         JOB_KEY_MAX    },
	{"id",       FIELD_STRING,  AT(id),       true, 0,         0              },
	{"state",    FIELD_STRING,  AT(state),    true, 0,         0              },
	{"digest",   FIELD_INTEGER, AT(digest),   true, INT64_MIN, INT64_MAX      },
	{"until_ms", FIELD_INTEGER, AT(until_ms), true, 0,         INT64_MAX      },
};

static const struct field tenant_fields[] = {
	{"line",     FIELD_STRING, AT(line),     true, 0, 0              },
	{"tenant",   FIELD_STRING, AT(tenant),   true, 1, TENANT_NAME_MAX},
	{"settings", FIELD_STRING, AT(settings), true, 0, 0              },
};

static const struct field end_fields[] = {
	{"line",    FIELD_STRING,  AT(line),    true,  0, 0        },
        {"jobs",    FIELD_INTEGER, AT(jobs),    true,  0, INT64_MAX},
	{"keys",    FIELD_INTEGER, AT(keys),    true,  0, INT64_MAX},
	{"tenants", FIELD_INTEGER, AT(tenants), false, 0, INT64_MAX}, /* from 0.2 on */
};

#undef AT

struct attempt_members {
	int64_t number, started_ms, finished_ms;
	const char *code, *message, *message_base64;
};

#define AT(member) offsetof(struct attempt_members, member)

static const struct field attempt_fields[] = {
	{"number",         FIELD_INTEGER, AT(number),         true,  0, UINT32_MAX},
	{"started_ms",     FIELD_INTEGER, AT(started_ms),     true,  0, INT64_MAX },
	{"finished_ms",    FIELD_INTEGER, AT(finished_ms),    true,  0, INT64_MAX },
	{"code",           FIELD_STRING,  AT(code),           true,  0, 0         },
	{"message",        FIELD_STRING,  AT(message),        false, 0, 0         },
	{"message_base64", FIELD_STRING,  AT(message_base64), false, 0, 0         },
};

#undef AT

static int bad(const char *member, struct problem *reterr, const char *what)
{
	return where_member_problem(&where_root, member, reterr, "%s", what);
}

static int read_id(const struct members *members, struct uuid *id, struct problem *reterr)
{
	return uuid_parse(members->id, id) < 0 ? bad("id", reterr, "is the id of no job") : 0;
}

static int read_state(const struct members *members, enum job_state *state, struct problem *reterr)
{
	*state = job_state_parse(members->state);
	return *state == JOB_STATES ? bad("state", reterr, "there is no such state") : 0;
}

static int read_begin(const struct members *members, struct wire_record *record, struct problem *reterr)
{
	(void)reterr;
	record->first_ms = members->first_ms;
	record->last_ms = members->last_ms;
	return 0;
}

static int set_message(
	const struct where *where, struct attempt *attempt, const char *text, struct problem *reterr)
{
	if (strlen(text) >= sizeof(attempt->message))
		return where_member_problem(where, "message", reterr, "is too long");
	strcpy(attempt->message, text);
	return 0;
}

static int read_message(const struct where *where, const struct attempt_members *members,
	struct attempt *attempt, struct problem *reterr)
{
	CLEANUP(freep) char *data = NULL;
	size_t bytes;
	int r;

	if (members->message)
		return set_message(where, attempt, members->message, reterr);
	if (!members->message_base64)
		return where_member_problem(where, "message", reterr, "is missing");
	r = base64_decode(members->message_base64, strlen(members->message_base64), &data, &bytes);
	if (r < 0)
		return r == -ENOMEM ? json_no_memory(reterr)
				    : where_member_problem(where, "message_base64", reterr, "is no base64");
	return set_message(where, attempt, data, reterr);
}

static int read_attempt(
	const struct where *where, json_t *json, struct attempt *attempt, struct problem *reterr)
{
	struct attempt_members members = {0};
	int r = fields_read(where, json, attempt_fields, ARRAY_LEN(attempt_fields), &members, reterr);

	if (r < 0)
		return r;
	if (strlen(members.code) >= sizeof(attempt->code))
		return where_member_problem(where, "code", reterr, "is too long");
	attempt->number = (uint32_t)members.number;
	attempt->started_ms = members.started_ms;
	attempt->finished_ms = members.finished_ms;
	strcpy(attempt->code, members.code);
	return read_message(where, &members, attempt, reterr);
}

static int read_attempts(json_t *attempts, struct progress *progress, struct problem *reterr)
{
	const struct where where = {.up = &where_root, .name = "attempts"};
	int r = 0;

	if (json_array_size(attempts) == 0)
		return 0;
	progress->kept = calloc(json_array_size(attempts), sizeof(*progress->kept));
	if (!progress->kept)
		return json_no_memory(reterr);
	for (size_t i = 0; r == 0 && i < json_array_size(attempts); i++) {
		const struct where element = {.up = &where, .index = i};

		r = read_attempt(&element, json_array_get(attempts, i), &progress->kept[i], reterr);
		progress->n_kept++;
	}
	return r;
}

static int read_result(const struct members *members, struct wire_record *record, struct problem *reterr)
{
	const struct progress *progress = &record->progress;

	if (job_state_ended(progress->state) != (progress->finished_ms > 0) ||
		job_state_ended(progress->state) != !!members->result)
		return bad("state", reterr, "does not fit finished_ms and result");
	if (!members->result)
		return 0;
	record->result = result_new(&record->job->id, progress->state, progress->finished_ms, members->result,
		strlen(members->result));
	return record->result ? 0 : json_no_memory(reterr);
}

static int read_job(const struct members *members, struct wire_record *record, struct problem *reterr)
{
	struct job_stamp stamp = {
		.created_ms = members->created_ms,
		.run_at_ms = members->run_at_ms,
	};
	int r = read_id(members, &stamp.id, reterr);

	record->progress = (struct progress){
		.next_run_at_ms = members->next_run_at_ms,
		.expires_at_ms = members->expires_at_ms,
		.started_ms = members->started_ms,
		.finished_ms = members->finished_ms,
		.attempts = (uint32_t)members->started,
		.failures = (uint32_t)members->failures,
		.crashes = (uint32_t)members->crashes,
	};
	if (r == 0)
		r = read_state(members, &record->progress.state, reterr);
	if (r == 0)
		r = read_attempts(members->attempts, &record->progress, reterr);
	if (r == 0)
		r = wire_restore_job(
			members->request, strlen(members->request), &stamp, &record->job, reterr);
	return r < 0 ? r : read_result(members, record, reterr);
}

static int read_key(const struct members *members, struct wire_record *record, struct problem *reterr)
{
	struct key_record *key = &record->key;
	int r = read_id(members, &key->id, reterr);

	strcpy(key->tenant, members->tenant);
	strcpy(key->key, members->key);
	key->digest = (uint64_t)members->digest;
	key->until_ms = members->until_ms;
	return r < 0 ? r : read_state(members, &key->state, reterr);
}

/* Settings that would not be understood would be left out at the next start, without anybody looking. */
static int read_tenant(const struct members *members, struct wire_record *record, struct problem *reterr)
{
	struct settings settings;
	struct problem problem = {0};
	int r = 0;

	if (!tenant_name_valid(members->tenant))
		return bad("tenant", reterr, "is the name of no tenant");
	r = wire_read_settings(members->settings, strlen(members->settings), &settings, &problem);
	if (r == -EINVAL)
		return bad("settings", reterr, problem.message);
	record->tenant = strdup(members->tenant);
	record->settings = strdup(members->settings);
	return r == 0 && record->tenant && record->settings ? 0 : json_no_memory(reterr);
}

static int read_end(const struct members *members, struct wire_record *record, struct problem *reterr)
{
	(void)reterr;
	record->jobs = members->jobs;
	record->keys = members->keys;
	record->tenants = members->tenants;
	return 0;
}

static const struct line {
	const char *name;
	const struct field *fields;
	size_t n_fields;
	int (*read)(const struct members *members, struct wire_record *record, struct problem *reterr);
} lines[WIRE_LINES] = {
	[WIRE_LINE_BEGIN] = {"begin",  begin_fields,  ARRAY_LEN(begin_fields),  read_begin },
	[WIRE_LINE_JOB] = {"job",    job_fields,    ARRAY_LEN(job_fields),    read_job   },
	[WIRE_LINE_KEY] = {"key",    key_fields,    ARRAY_LEN(key_fields),    read_key   },
	[WIRE_LINE_TENANT] = {"tenant", tenant_fields, ARRAY_LEN(tenant_fields), read_tenant},
	[WIRE_LINE_END] = {"end",    end_fields,    ARRAY_LEN(end_fields),    read_end   },
};

void wire_record_fini(struct wire_record *record)
{
	job_unref(record->job);
	progress_fini(&record->progress);
	result_unref(record->result);
	free(record->tenant);
	free(record->settings);
	*record = (struct wire_record){0};
}

int wire_read_record(const char *text, size_t bytes, struct wire_record *ret_record, struct problem *reterr)
{
	CLEANUP(wire_record_fini) struct wire_record record = {0};
	json_auto_t *json = NULL;
	struct members members = {0};
	const struct line *line = lines;
	const char *name;
	int r = json_read((struct text){text, bytes}, WIRE_DEPTH_MAX, &json, reterr);

	if (r < 0)
		return r;
	name = json_string_value(json_object_get(json, "line"));
	while (line < lines + WIRE_LINES && (!name || strcmp(line->name, name) != 0))
		line++;
	if (line == lines + WIRE_LINES)
		return bad("line", reterr, "must be \"begin\", \"job\", \"key\", \"tenant\" or \"end\"");
	r = fields_read(&where_root, json, line->fields, line->n_fields, &members, reterr);
	record.line = (enum wire_line)(line - lines);
	if (r == 0)
		r = line->read(&members, &record, reterr);
	if (r < 0)
		return r;
	*ret_record = record;
	record = (struct wire_record){0};
	return 0;
}
