/* submit.c - `penstock submit`: a job from the command line, from a file or from standard input. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "core/job.h"
#include "ctl/await.h"
#include "ctl/bulk.h"
#include "ctl/ctl.h"
#include "ctl/request.h"
#include "wire/wire.h"

#define INPUT_BYTES_MAX (64 * 1024 * 1024)
#define KIND_DEFAULT "http"

struct submission {
	const char *kind, *tenant; /* NULL: not said */
	const char *job;           /* the whole document; else: */
	const char *spec;
	const char *bulk; /* a file of many; NULL: not said */
	bool atomic;
	const char *wait; /* NULL: do not wait */
	int64_t wait_ns;
};

static int read_stream(FILE *from, struct buf *text)
{
	char block[16384];
	size_t n;
	int r = 0;

	while (r == 0 && (n = fread(block, 1, sizeof(block), from)) > 0)
		r = buf_add(text, block, n);
	return r == 0 && ferror(from) ? -EIO : r;
}

static int read_file(const char *path, struct buf *text)
{
	FILE *file = fopen(path, "re");
	int r = file ? 0 : -errno;

	if (!file)
		return r;
	r = read_stream(file, text);
	fclose(file);
	return r;
}

/* Append what an argument stands for: `-` standard input, `@FILE` a file, else itself. */
static int read_argument(struct ctl *ctl, const char *argument, struct buf *text)
{
	int r;

	if (strcmp(argument, "-") == 0)
		r = read_stream(ctl->in, text);
	else if (argument[0] == '@')
		r = read_file(argument + 1, text);
	else
		r = buf_add(text, argument, strlen(argument));
	if (r < 0)
		return ctl_fail(ctl, "%s cannot be read: %s", argument, strerror(-r));
	return CTL_OK;
}

/* The spec is put in as it is: the server says what is wrong with it, and with a kind it does not know. */
static int write_document(struct ctl *ctl, const struct submission *submission, struct buf *text)
{
	int status;

	if (submission->job)
		return read_argument(ctl, submission->job, text);
	buf_addf(text, "{\"kind\":\"%s\",", submission->kind ? submission->kind : KIND_DEFAULT);
	if (submission->tenant)
		buf_addf(text, "\"tenant\":\"%s\",", submission->tenant);
	buf_addf(text, "\"spec\":");
	status = read_argument(ctl, submission->spec, text);
	if (status == CTL_OK && buf_addf(text, "}") < 0)
		return ctl_fail(ctl, "out of memory");
	return status;
}

static int send_job(struct ctl *ctl, const struct submission *submission, struct reply *reply)
{
	CLEANUP(buf_fini) struct buf text = {.max = INPUT_BYTES_MAX};
	int status = write_document(ctl, submission, &text);

	if (status != CTL_OK)
		return status;
	return request_send(ctl,
		&(struct request){
			.method = "POST", .path = "/jobs", .body = text.data, .body_bytes = text.len},
		reply);
}

static int read_id(struct ctl *ctl, const struct reply *accepted, char id[static UUID_TEXT])
{
	const struct buf *body = &accepted->body;
	struct uuid uuid;

	if (body->data && wire_read_member(body->data, body->len, "id", id, UUID_TEXT) == 0 &&
		uuid_parse(id, &uuid) == 0)
		return CTL_OK;
	return ctl_fail(ctl, "%s answered without the id of a job", ctl->url);
}

/* The id is never lost: whatever comes of the waiting, one document that has it is printed. */
static int wait_and_print(struct ctl *ctl, const struct reply *accepted, int64_t ns)
{
	CLEANUP(reply_fini) struct reply result = {0};
	char id[UUID_TEXT];
	int status = read_id(ctl, accepted, id);

	if (status == CTL_OK)
		status = await_result(ctl, id, ns, &result);
	reply_print(ctl, status == CTL_OK || status == CTL_UNSUCCESSFUL ? &result : accepted);
	return status;
}

static bool is_word(const char *text)
{
	size_t bytes = strlen(text);

	return bytes > 0 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_") == bytes;
}

/* Many jobs, and what else was said with them. */
static int check_bulk(struct ctl *ctl, const struct submission *submission, int argc)
{
	if (argc > 0 || submission->kind || submission->tenant || submission->job || submission->wait)
		return ctl_misused(ctl, "--bulk is a file of whole jobs; only --atomic goes with it");
	return CTL_OK;
}

static int check(struct ctl *ctl, struct submission *submission, int argc, char **argv)
{
	if (submission->bulk)
		return check_bulk(ctl, submission, argc);
	if (submission->atomic)
		return ctl_misused(ctl, "--atomic goes with --bulk only");
	if (submission->job && (argc > 0 || submission->kind || submission->tenant))
		return ctl_misused(ctl, "--job is the whole job; -k, -t and SPEC do not go with it");
	if (!submission->job && argc != 1)
		return ctl_misused(ctl, argc == 0 ? "SPEC is missing" : "there are too many arguments");
	if (submission->kind && !is_word(submission->kind))
		return ctl_misused(ctl, "\"%s\" is not a kind of job", submission->kind);
	if (submission->tenant && !tenant_name_valid(submission->tenant))
		return ctl_misused(ctl, "\"%s\" is not the name of a tenant", submission->tenant);
	submission->spec = argv[0];
	if (submission->wait)
		return await_parse(ctl, "--wait", submission->wait, &submission->wait_ns);
	return CTL_OK;
}

static int parse(struct ctl *ctl, int argc, char **argv, struct submission *submission)
{
	static const struct option options[] = {
		{"kind",   required_argument, NULL, 'k'},
                {"tenant", required_argument, NULL, 't'},
		{"job",    required_argument, NULL, 'j'},
                {"wait",   required_argument, NULL, 'w'},
		{"bulk",   required_argument, NULL, 'b'},
                {"atomic", no_argument,       NULL, 'a'},
		{NULL,     0,                 NULL, 0  }
        };
	int c;

	while ((c = getopt_long(argc, argv, ":k:t:j:w:b:a", options, NULL)) != -1) {
		switch (c) {
		case 'k':
			submission->kind = optarg;
			break;
		case 't':
			submission->tenant = optarg;
			break;
		case 'j':
			submission->job = optarg;
			break;
		case 'w':
			submission->wait = optarg;
			break;
		case 'b':
			submission->bulk = optarg;
			break;
		case 'a':
			submission->atomic = true;
			break;
		default:
			return ctl_bad_option(ctl, c, argv);
		}
	}
	return check(ctl, submission, argc - optind, argv + optind);
}

static int submit_run(struct ctl *ctl, int argc, char **argv)
{
	CLEANUP(reply_fini) struct reply accepted = {0};
	struct submission submission = {0};
	int status = parse(ctl, argc, argv, &submission);

	if (status == CTL_OK && submission.bulk)
		return bulk_submit(ctl, submission.bulk, submission.atomic);
	if (status == CTL_OK)
		status = send_job(ctl, &submission, &accepted);
	if (status != CTL_OK)
		return status;
	if (submission.wait)
		return wait_and_print(ctl, &accepted, submission.wait_ns);
	reply_print(ctl, &accepted);
	return CTL_OK;
}

const struct ctl_command ctl_submit = {
	.name = "submit",
	.arguments =
		"[-k KIND] [-t TENANT] [--wait DURATION] SPEC | [--wait DURATION] --job JOB | [--atomic] --bulk FILE",
	.summary =
		"submit a job of kind http, or as is said; SPEC and JOB are JSON, @FILE or - (standard input); FILE has a job in each line",
	.run = submit_run,
};
