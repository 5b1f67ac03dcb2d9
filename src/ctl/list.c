/* list.c - `penstock list`: jobs on record, the newest first, as many pages as it takes. */
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "ctl/ctl.h"
#include "ctl/filter.h"
#include "ctl/job.h"
#include "ctl/request.h"
#include "wire/wire.h"

enum { LIMIT_DEFAULT = 50, PAGE_MAX = 1000, CURSOR_BYTES = 256 };

struct list {
	struct ctl *ctl;
	struct filter filter;
	uint64_t left; /* that may still be printed */
	bool json;
};

static int set_limit(struct list *list, const char *text)
{
	if (parse_u64(text, UINT32_MAX, &list->left) == 0 && list->left > 0)
		return CTL_OK;
	return ctl_misused(list->ctl, "--limit: \"%s\" is not a number of jobs", text);
}

static int take_option(struct list *list, int c, const char *value)
{
	switch (c) {
	case 'n':
		return set_limit(list, value);
	case 'a':
		list->left = UINT64_MAX;
		return CTL_OK;
	case 'j':
		list->json = true;
		return CTL_OK;
	default:
		return filter_take(&list->filter, list->ctl, c, value);
	}
}

static int parse(struct list *list, int argc, char **argv)
{
	static const struct option options[] = {
		FILTER_OPTIONS, {"limit", required_argument, NULL, 'n'},
                 {"all",   no_argument,       NULL, 'a'},
		{"json",  no_argument,       NULL, 'j'},
                 {NULL,    0,                 NULL, 0  }
        };
	int c, status = CTL_OK;

	while (status == CTL_OK &&
		(c = getopt_long(argc, argv, ":" FILTER_LETTERS "n:aj", options, NULL)) != -1) {
		if (c == ':' || c == '?')
			return ctl_bad_option(list->ctl, c, argv);
		status = take_option(list, c, optarg);
	}
	if (status == CTL_OK && optind < argc)
		return ctl_misused(list->ctl, "there are too many arguments");
	return status;
}

/* What stands in the columns; a line is for people, so what is not there is left out. */
struct row {
	char id[64], state[32], kind[32], created_at[64], tenant[80];
};

static int print_row(FILE *to, const char *job, size_t bytes)
{
	struct row row;

	if (wire_read_member(job, bytes, "id", row.id, sizeof(row.id)) < 0 ||
		wire_read_member(job, bytes, "state", row.state, sizeof(row.state)) < 0 ||
		wire_read_member(job, bytes, "kind", row.kind, sizeof(row.kind)) < 0 ||
		wire_read_member(job, bytes, "created_at", row.created_at, sizeof(row.created_at)) < 0 ||
		wire_read_member(job, bytes, "tenant", row.tenant, sizeof(row.tenant)) < 0)
		return -1;
	fprintf(to, "%s %-10s %-8s %s %s\n", job_plain(row.id), job_plain(row.state), job_plain(row.kind),
		job_plain(row.created_at), job_plain(row.tenant));
	return 0;
}

static int print_job(void *arg, const char *job, size_t bytes)
{
	struct list *list = arg;

	if (list->left == 0) /* the server gives more than it was asked for */
		return 0;
	list->left--;
	if (!list->json)
		return print_row(list->ctl->out, job, bytes);
	fwrite(job, 1, bytes, list->ctl->out);
	fputc('\n', list->ctl->out);
	return 0;
}

/* Print one page; gives the next one's cursor, "" after the last. */
static int print_page(struct list *list, char cursor[static CURSOR_BYTES])
{
	CLEANUP(reply_fini) struct reply reply = {0};
	CLEANUP(buf_fini) struct buf path = {0};
	struct ctl *ctl = list->ctl;
	int status;

	filter_path(
		&list->filter, &path, "/jobs", list->left < PAGE_MAX ? (int)list->left : PAGE_MAX, cursor);
	if (path.error)
		return ctl_fail(ctl, "out of memory");
	status = request_send(ctl, &(struct request){.method = "GET", .path = path.data}, &reply);
	if (status != CTL_OK)
		return status;
	if (!reply.body.data || wire_read_page(reply.body.data, reply.body.len, "jobs", print_job, list,
					cursor, CURSOR_BYTES) < 0)
		return ctl_fail(ctl, "%s answered with something else than a list of jobs", ctl->url);
	return CTL_OK;
}

static int list_run(struct ctl *ctl, int argc, char **argv)
{
	struct list list = {.ctl = ctl, .left = LIMIT_DEFAULT};
	char cursor[CURSOR_BYTES] = "";
	int status = parse(&list, argc, argv);

	while (status == CTL_OK) {
		status = print_page(&list, cursor);
		if (!cursor[0] || list.left == 0)
			break;
	}
	filter_fini(&list.filter);
	return status;
}

const struct ctl_command ctl_list = {
	.name = "list",
	.arguments = "[-t TENANT] [-s STATE] [-k KIND] [-l NAME=VALUE] [-n N | --all] [--json]",
	.summary = "print jobs, the newest first, each on a line: the newest 50, so many, or all",
	.run = list_run,
};
