/* await.c - waiting for the end of a job: long polls, each shorter than what servers and those between like to hold. */
#include "ctl/await.h"

#include <penstock/base.h>

#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "wire/wire.h"

#define POLL_NS (25 * PEN_SECOND)
#define PAUSE_NS PEN_SECOND /* after a server that did not hold the request */
#define HTTP_OK 200
#define PATH_BYTES 128

int await_parse(struct ctl *ctl, const char *option, const char *text, int64_t *ret_ns)
{
	if (parse_duration(text, ret_ns) == 0)
		return CTL_OK;
	return ctl_misused(ctl, "%s: \"%s\" is not a duration, as in 250ms, 30s, 5m, 2h or 7d", option, text);
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * PEN_SECOND + now.tv_nsec;
}

static int64_t lesser(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void pause_for(int64_t ns)
{
	struct timespec left = {.tv_sec = ns / PEN_SECOND, .tv_nsec = ns % PEN_SECOND};

	nanosleep(&left, NULL);
}

/* One long poll. */
static int poll_result(struct ctl *ctl, const char *id, int64_t ns, struct reply *reply)
{
	char path[PATH_BYTES], duration[DURATION_TEXT];

	reply_fini(reply);
	*reply = (struct reply){0};
	format_duration(ns, duration);
	snprintf(path, sizeof(path), "/results/%s?wait=%s", id, duration);
	return request_send(ctl, &(struct request){.method = "GET", .path = path, .wait_ns = ns}, reply);
}

static int judge(struct ctl *ctl, const struct reply *reply)
{
	char state[32];

	if (!reply->body.data ||
		wire_read_member(reply->body.data, reply->body.len, "state", state, sizeof(state)) < 0 ||
		!state[0])
		return ctl_fail(ctl, "%s answered with something else than a result", ctl->url);
	return strcmp(state, "succeeded") == 0 ? CTL_OK : CTL_UNSUCCESSFUL;
}

static int too_late(struct ctl *ctl, const char *id, int64_t ns)
{
	char duration[DURATION_TEXT];

	format_duration(ns, duration);
	ctl_fail(ctl, "%s did not end within %s", id, duration);
	return CTL_NOT_ENDED;
}

int await_result(struct ctl *ctl, const char *id, int64_t ns, struct reply *reply)
{
	int64_t deadline = now_ns() + ns;

	for (;;) {
		int64_t began = now_ns(), wait = lesser(deadline - began, POLL_NS), rest;
		int status = poll_result(ctl, id, wait > 0 ? wait : 0, reply);

		if (status != CTL_OK)
			return status;
		if (reply->status == HTTP_OK)
			return judge(ctl, reply);
		rest = deadline - now_ns();
		if (rest <= 0)
			return too_late(ctl, id, ns);
		if (now_ns() - began < wait / 2)
			pause_for(lesser(rest, PAUSE_NS));
	}
}
