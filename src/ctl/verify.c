/* verify.c - `penstock verify`: whether a state folder is whole, also below a daemon that uses it. */
#include <stddef.h>

#include "ctl/folder.h"

struct verification {
	struct ctl *ctl;
	size_t jobs, keys, tenants, wrong;
};

static int see_forgotten(void *arg, int64_t first_ms, int64_t last_ms)
{
	(void)arg, (void)first_ms, (void)last_ms;
	return 0;
}

static int see_job(void *arg, struct store_record *record)
{
	struct verification *verification = arg;

	(void)record;
	verification->jobs++;
	return 0;
}

static int see_key(void *arg, const struct key_record *key)
{
	struct verification *verification = arg;

	(void)key;
	verification->keys++;
	return 0;
}

static int see_tenant(void *arg, const char *tenant, const char *settings)
{
	struct verification *verification = arg;

	(void)tenant, (void)settings;
	verification->tenants++;
	return 0;
}

static void see_wrong(void *arg, const char *what)
{
	struct verification *verification = arg;

	verification->wrong++;
	fprintf(verification->ctl->out, "%s\n", what);
}

static int verify_run(struct ctl *ctl, int argc, char **argv)
{
	struct verification verification = {.ctl = ctl};
	const struct store_visitor visitor = {
		.forgotten = see_forgotten,
		.job = see_job,
		.key = see_key,
		.tenant = see_tenant,
		.wrong = see_wrong,
		.arg = &verification,
	};
	struct store_options options;
	struct problem problem = {0};
	int status = folder_options(ctl, argc, argv, &options);

	if (status != CTL_OK)
		return status;
	if (store_visit(&options, true, &visitor, &problem) < 0)
		return folder_fail(ctl, &options, &problem);
	fprintf(ctl->out,
		"%zu jobs, %zu idempotency keys and the settings of %zu tenants are whole, %zu things are wrong\n",
		verification.jobs, verification.keys, verification.tenants, verification.wrong);
	return verification.wrong > 0 ? CTL_FAILED : CTL_OK;
}

const struct ctl_command ctl_verify = {
	.name = "verify",
	.arguments = "[--state-dir DIR]",
	.summary = "check all that a state folder has on record, and say what is wrong, a line each",
	.run = verify_run,
};
