/* head.c - the head of a request: its id, its route, and what is refused by it alone. */
#include <ctype.h>
#include <errno.h>
#include <penstock/ctx.h>
#include <penstock/time.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "http/bulk.h"
#include "http/inside.h"

/* The first id of a millisecond costs entropy, the others count on from it (RFC 9562, section 6.2). */
void head_fresh_id(struct server *server, char text[static UUID_TEXT])
{
	int64_t now_ms = clock_wall_ms();
	uint8_t *last = server->request_id.bytes + sizeof server->request_id.bytes - 1;

	if (now_ms != server->request_id_ms) {
		server->request_id_ms = now_ms;
		uuid_new(&server->request_id, now_ms);
	} else {
		while (++*last == 0)
			last--;
	}
	uuid_format(&server->request_id, text);
}

/* The client's own id where it is harmless to repeat, else a fresh one. */
static void settle_id(struct request *request)
{
	const char *given = request_header(request, "X-Request-Id");
	size_t len = given ? strlen(given) : 0, good = 0;

	while (good < len && (isalnum((unsigned char)given[good]) || strchr("-_.:", given[good])))
		good++;
	if (good < len || len == 0 || len > REQUEST_ID_MAX)
		head_fresh_id(request->server, request->id);
	else
		memcpy(request->id, given, len + 1);
}

static int find_route(struct request *request)
{
	struct problem *problem = &request->problem;
	char allow[64];
	int r = route_find(request->method, &request->target, &request->route, allow, sizeof allow);

	if (r == -ENOTSUP) {
		reply_header(&request->reply, "Allow", "%s", allow);
		return problem_set(problem, r, PROBLEM_METHOD, NULL, "%.32s is not possible here, only %s",
			request->method, allow);
	}
	if (r < 0)
		return problem_set(problem, r, PROBLEM_NOT_FOUND, NULL, "nothing is served under this path");
	return target_check_parameters(
		&request->target, request->route->query, ARRAY_LEN(request->route->query), problem);
}

/* How long the head is, and where it says that the body ends. */
struct framing {
	size_t bytes;
	const char *length, *encoding;
	bool twice;
	int hosts;
};

static enum MHD_Result note_framing(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct framing *framing = arg;
	const char **noted = NULL;

	(void)kind;
	framing->bytes += strlen(name) + strlen(": \r\n") + (value ? strlen(value) : 0);
	if (strcasecmp(name, "Content-Length") == 0)
		noted = &framing->length;
	else if (strcasecmp(name, "Transfer-Encoding") == 0)
		noted = &framing->encoding;
	else if (strcasecmp(name, "Host") == 0)
		framing->hosts++;
	if (noted) {
		framing->twice |= *noted != NULL;
		*noted = value ? value : "";
	}
	return MHD_YES;
}

static void survey(struct request *request, const char *version, struct framing *ret_framing)
{
	*ret_framing = (struct framing){
		.bytes = strlen(request->method) + request->target.raw_bytes + strlen(version) +
			 strlen("  \r\n\r\n"),
	};
	MHD_get_connection_values(request->connection, MHD_HEADER_KIND, note_framing, ret_framing);
}

/* libmicrohttpd has room for twice as much, so that this is told in our words. */
static int check_bytes(const struct request *request, const struct framing *framing, struct problem *reterr)
{
	size_t most = request_conf(request)->header_max;

	if (framing->bytes <= most)
		return 0;
	return problem_set(reterr, -EINVAL, PROBLEM_HEADER, NULL,
		"the request's line and headers are longer than %zu bytes", most);
}

/* Two readings of one request are how requests are smuggled (RFC 9112, section 11.2); libmicrohttpd takes the first. */
static int check_framing(const struct framing *framing, struct problem *reterr)
{
	const char *why = NULL;

	if (framing->twice || (framing->length && framing->encoding))
		why = "the length of the body is told more than once";
	else if (framing->encoding && strcasecmp(framing->encoding, "chunked") != 0)
		why = "chunked is the only transfer encoding here";
	else if (framing->hosts > 1)
		why = "there is more than one Host header"; /* RFC 9112, section 3.2 */
	return why ? problem_set(reterr, -EINVAL, PROBLEM_BAD_REQUEST, NULL, "%s", why) : 0;
}

static int check_host(const struct request *request, const char *version, struct problem *reterr)
{
	if (strcmp(version, MHD_HTTP_VERSION_1_1) != 0 || request_header(request, "Host"))
		return 0;
	return problem_set(reterr, -EINVAL, PROBLEM_BAD_REQUEST, NULL, "there is no Host header");
}

/* Connections are kept open for what clients may still ask during the drain, but the server must end at last. */
static int check_stopping(const struct request *request, struct problem *reterr)
{
	if (pen_ctx_err(request_ctx(request)) == 0)
		return 0;
	reterr->retry_after_ns = PEN_SECOND;
	return problem_set(reterr, -ESHUTDOWN, PROBLEM_DRAINING, NULL, "the daemon is shutting down");
}

int head_too_large(struct request *request)
{
	return problem_set(&request->problem, -EFBIG, PROBLEM_TOO_LARGE, NULL,
		"the body is longer than %zu bytes", request->body.max);
}

/* The first thing that is wrong counts; 0 or -errno. */
static int check(struct request *request, const char *version)
{
	struct problem *problem = &request->problem;
	int r = problem->code ? -EINVAL : check_host(request, version, problem);

	if (r == 0)
		r = check_stopping(request, problem);
	return r == 0 ? find_route(request) : r;
}

bool head_read(struct request *request, const char *method, const char *version)
{
	struct framing framing;
	int r;

	request->method = method;
	request->body.max = request_conf(request)->body_max;
	settle_id(request);
	survey(request, version, &framing);
	if (check_bytes(request, &framing, &request->problem) < 0 ||
		check_framing(&framing, &request->problem) < 0)
		return true;
	r = check(request, version);
	request->bulk = bulk_is(request);
	if (request->bulk)
		request->body.max = request_conf(request)->bulk_bytes_max;
	if (framing.length && strtoull(framing.length, NULL, 10) > request->body.max) {
		if (r == 0)
			head_too_large(request);
		return true;
	}
	return r < 0 && request_header(request, "Expect");
}
