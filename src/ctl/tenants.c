/* tenants.c - `penstock tenants`, `penstock pause` and `penstock resume`: what holds for tenants, as the server tells it. */
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "ctl/request.h"
#include "wire/wire.h"

enum { CURSOR_BYTES = 256 };

static const struct option no_options[] = {
	{NULL, 0, NULL, 0}
};

/* Send it about a tenant, whose name the server judges; but it must not become another path. */
static int ask(
	struct ctl *ctl, const char *method, const char *name, const char *action, const struct buf *body)
{
	CLEANUP(reply_fini) struct reply reply = {0};
	CLEANUP(buf_fini) struct buf path = {0};
	struct request request = {.method = method};
	int status;

	if (!*name || strpbrk(name, "/?#:% "))
		return ctl_misused(ctl, "\"%s\" is not the name of a tenant", name);
	if (buf_addf(&path, "/tenants/%s%s", name, action) < 0)
		return ctl_fail(ctl, "out of memory");
	request.path = path.data;
	if (body) {
		request.body = body->data;
		request.body_bytes = body->len;
	}
	status = request_send(ctl, &request, &reply);
	if (status == CTL_OK)
		reply_print(ctl, &reply);
	return status;
}

static int print_tenant(void *arg, const char *tenant, size_t bytes)
{
	struct ctl *ctl = arg;

	fwrite(tenant, 1, bytes, ctl->out);
	fputc('\n', ctl->out);
	return 0;
}

/* Gives the next page's cursor, "" after the last. */
static int print_page(struct ctl *ctl, char cursor[static CURSOR_BYTES])
{
	CLEANUP(reply_fini) struct reply reply = {0};
	CLEANUP(buf_fini) struct buf path = {0};
	int status;

	if (buf_addf(&path, "/tenants?limit=1000&cursor=%s", cursor) < 0)
		return ctl_fail(ctl, "out of memory");
	status = request_send(ctl, &(struct request){.method = "GET", .path = path.data}, &reply);
	if (status != CTL_OK)
		return status;
	if (!reply.body.data || wire_read_page(reply.body.data, reply.body.len, "tenants", print_tenant, ctl,
					cursor, CURSOR_BYTES) < 0)
		return ctl_fail(ctl, "%s answered with something else than a list of tenants", ctl->url);
	return CTL_OK;
}

static int tenants_run(struct ctl *ctl, int argc, char **argv)
{
	char cursor[CURSOR_BYTES] = "";
	int status;

	if (getopt_long(argc, argv, ":", no_options, NULL) != -1)
		return ctl_bad_option(ctl, '?', argv);
	if (argc - optind > 1)
		return ctl_misused(ctl, "there are too many arguments");
	if (optind < argc)
		return ask(ctl, "GET", argv[optind], "", NULL);
	do
		status = print_page(ctl, cursor);
	while (status == CTL_OK && cursor[0]);
	return status;
}

/* Quoted as JSON wants it; what is not UTF-8 the server refuses. */
static void add_string(struct buf *to, const char *text)
{
	buf_add(to, "\"", 1);
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == '"' || *text == '\\')
			buf_addf(to, "\\u%04x", *text);
		else
			buf_add(to, text, 1);
	}
	buf_add(to, "\"", 1);
}

static void add_member(struct buf *to, const char *name, const char *value)
{
	buf_addf(to, "%s\"%s\":", to->len > 1 ? "," : "", name);
	add_string(to, value);
}

static int pause_run(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
		{"for",    required_argument, NULL, 'f'},
                {"reason", required_argument, NULL, 'r'},
		{NULL,     0,                 NULL, 0  }
        };
	CLEANUP(buf_fini) struct buf body = {0};
	const char *duration = NULL, *reason = NULL;
	int c;

	while ((c = getopt_long(argc, argv, ":f:r:", options, NULL)) != -1) {
		if (c == ':' || c == '?')
			return ctl_bad_option(ctl, c, argv);
		*(c == 'f' ? &duration : &reason) = optarg;
	}
	if (argc - optind != 1)
		return ctl_misused(ctl,
			optind == argc ? "the name of a tenant is missing" : "there are too many arguments");
	buf_add(&body, "{", 1);
	if (duration)
		add_member(&body, "for", duration);
	if (reason)
		add_member(&body, "reason", reason);
	if (buf_add(&body, "}", 1) < 0)
		return ctl_fail(ctl, "out of memory");
	return ask(ctl, "POST", argv[optind], ":pause", &body);
}

static int resume_run(struct ctl *ctl, int argc, char **argv)
{
	if (getopt_long(argc, argv, ":", no_options, NULL) != -1)
		return ctl_bad_option(ctl, '?', argv);
	if (argc - optind != 1)
		return ctl_misused(ctl,
			optind == argc ? "the name of a tenant is missing" : "there are too many arguments");
	return ask(ctl, "POST", argv[optind], ":resume", NULL);
}

const struct ctl_command ctl_tenants = {
	.name = "tenants",
	.arguments = "[NAME]",
	.summary = "print what holds for one tenant, or for all that are known, each on a line",
	.run = tenants_run,
};

const struct ctl_command ctl_pause = {
	.name = "pause",
	.arguments = "[--for DURATION] [--reason TEXT] NAME",
	.summary = "start no more jobs of the tenant, for a while or until it is resumed",
	.run = pause_run,
};

const struct ctl_command ctl_resume = {
	.name = "resume",
	.arguments = "NAME",
	.summary = "let jobs of the tenant start again",
	.run = resume_run,
};
