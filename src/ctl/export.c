/* export.c - `penstock export`: what a state folder has on record, as lines of JSON; what is damaged is told and left out. */
#include "base/cleanup.h"
#include "ctl/folder.h"
#include "wire/record.h"

struct export
{
	struct ctl *ctl;
	struct buf line; /* kept, so that it need not grow for each job */
	int64_t jobs, keys, tenants;
	bool damaged;
};

static int print(struct export *export, const struct wire_record *record)
{
	int r;

	export->line.len = 0;
	r = wire_write_record(&export->line, record);
	if (r == 0)
		fwrite(export->line.data, 1, export->line.len, export->ctl->out);
	return r; /* whether it could be written is looked at once, at the end */
}

static int print_begin(void *arg, int64_t first_ms, int64_t last_ms)
{
	return print(arg,
		&(struct wire_record){.line = WIRE_LINE_BEGIN, .first_ms = first_ms, .last_ms = last_ms});
}

static int print_job(void *arg, struct store_record *record)
{
	struct export *export = arg;

	export->jobs++;
	return print(export, &(struct wire_record){
				     .line = WIRE_LINE_JOB,
				     .job = record->job,
				     .progress = record->progress,
				     .result = record->result,
			     });
}

static int print_key(void *arg, const struct key_record *key)
{
	struct export *export = arg;

	export->keys++;
	return print(export, &(struct wire_record){.line = WIRE_LINE_KEY, .key = *key});
}

static int print_tenant(void *arg, const char *tenant, const char *settings)
{
	struct export *export = arg;

	export->tenants++;
	return print(export, &(struct wire_record){
				     .line = WIRE_LINE_TENANT,
				     .tenant = (char *)tenant, /* only read */
				     .settings = (char *)settings,
			     });
}

static void tell_damage(void *arg, const char *what)
{
	struct export *export = arg;

	export->damaged = true;
	ctl_fail(export->ctl, "left out: %s", what);
}

static int export_all(struct export *export, const struct store_options *options, struct problem *reterr)
{
	const struct store_visitor visitor = {
		.forgotten = print_begin,
		.job = print_job,
		.key = print_key,
		.tenant = print_tenant,
		.wrong = tell_damage,
		.arg = export,
	};
	int r = store_visit(options, false, &visitor, reterr);

	return r < 0 ? r
		     : print(export, &(struct wire_record){.line = WIRE_LINE_END,
					     .jobs = export->jobs,
					     .keys = export->keys,
					     .tenants = export->tenants});
}

static int export_run(struct ctl *ctl, int argc, char **argv)
{
	struct export export = {.ctl = ctl};
	struct store_options options;
	struct problem problem = {.message = "there is not enough memory"};
	int status = folder_options(ctl, argc, argv, &options);

	if (status != CTL_OK)
		return status;
	if (export_all(&export, &options, &problem) < 0)
		status = folder_fail(ctl, &options, &problem);
	buf_fini(&export.line);
	return export.damaged ? CTL_FAILED : status;
}

const struct ctl_command ctl_export = {
	.name = "export",
	.arguments = "[--state-dir DIR] > FILE",
	.summary = "print all that a state folder has on record, a line of JSON each",
	.run = export_run,
};
