/* import.c - `penstock import`: what `penstock export` printed, put into a state folder that has nothing yet; all of it or nothing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/folder.h"
#include "wire/record.h"

struct import {
	struct ctl *ctl;
	struct store_import *store;
	size_t number; /* of the line */
	int64_t jobs, keys, tenants;
	bool begun, ended;
};

static int fail(struct import *import, const char *what)
{
	return ctl_fail(import->ctl, "line %zu: %s", import->number, what);
}

static int take_begin(struct import *import, const struct wire_record *record)
{
	import->begun = true;
	return store_import_forgotten(import->store, record->first_ms, record->last_ms);
}

static int take_job(struct import *import, const struct wire_record *record)
{
	import->jobs++;
	return store_import_job(import->store, &(struct store_record){
						       .job = record->job,
						       .progress = record->progress,
						       .result = record->result,
					       });
}

static int take_key(struct import *import, const struct wire_record *record)
{
	import->keys++;
	return store_import_key(import->store, &record->key);
}

static int take_tenant(struct import *import, const struct wire_record *record)
{
	import->tenants++;
	return store_import_tenant(import->store, record->tenant, record->settings);
}

static int take_end(struct import *import, const struct wire_record *record)
{
	import->ended = true;
	return record->jobs == import->jobs && record->keys == import->keys &&
			       record->tenants == import->tenants
		       ? 0
		       : -EINVAL;
}

static int take(struct import *import, const struct wire_record *record)
{
	static int (*const fns[WIRE_LINES])(struct import *, const struct wire_record *) = {
		[WIRE_LINE_BEGIN] = take_begin,
		[WIRE_LINE_JOB] = take_job,
		[WIRE_LINE_KEY] = take_key,
		[WIRE_LINE_TENANT] = take_tenant,
		[WIRE_LINE_END] = take_end,
	};
	int r;

	if (import->begun == (record->line == WIRE_LINE_BEGIN) || import->ended)
		return fail(import, "the first line must be \"begin\", the last one \"end\"");
	r = fns[record->line](import, record);
	if (r == -EINVAL)
		return fail(import, "there were more lines, or less, than it says");
	if (r == -EEXIST)
		return fail(import, "there was one like it before");
	return r < 0 ? fail(import, strerror(-r)) : CTL_OK;
}

static int read_line(struct import *import, const char *line, size_t bytes)
{
	CLEANUP(wire_record_fini) struct wire_record record = {0};
	struct problem problem = {0};

	import->number++;
	if (wire_read_record(line, bytes, &record, &problem) < 0)
		return ctl_fail(import->ctl, "line %zu: %s%s%s", import->number, problem.message,
			problem.field[0] ? " " : "", problem.field);
	return take(import, &record);
}

static int read_all(struct import *import)
{
	CLEANUP(freep) char *line = NULL;
	size_t size = 0;
	ssize_t bytes;
	int status = CTL_OK;

	while (status == CTL_OK && (bytes = getline(&line, &size, import->ctl->in)) >= 0)
		status = read_line(import, line, (size_t)bytes);
	if (status == CTL_OK && (ferror(import->ctl->in) || !import->ended))
		return ctl_fail(import->ctl, "the input has no end: it is a part of an export");
	return status;
}

static int import_run(struct ctl *ctl, int argc, char **argv)
{
	struct import import = {.ctl = ctl};
	struct store_options options;
	struct problem problem = {0};
	int status = folder_options(ctl, argc, argv, &options);

	if (status != CTL_OK)
		return status;
	if (store_import_begin(&options, &import.store, &problem) < 0)
		return folder_fail(ctl, &options, &problem);
	status = read_all(&import);
	if (store_import_end(import.store, status == CTL_OK, &problem) < 0)
		return folder_fail(ctl, &options, &problem);
	if (status == CTL_OK)
		fprintf(ctl->out, "%lld jobs, %lld idempotency keys, settings of %lld tenants\n",
			(long long)import.jobs, (long long)import.keys, (long long)import.tenants);
	return status;
}

const struct ctl_command ctl_import = {
	.name = "import",
	.arguments = "[--state-dir DIR] < FILE",
	.summary = "put what was exported into a state folder that has no jobs yet",
	.run = import_run,
};
