/* tenants.c - GET /tenants; GET, PUT and DELETE /tenants/{name}; POST /tenants/{name}:pause and :resume. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "http/jobs.h"
#include "wire/tenant.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 1000 };

/* The name in the path; -ENOENT with words when it can be that of none. */
static int tenant_name(struct request *request)
{
	if (tenant_name_valid(request->target.id))
		return 0;
	return problem_set(&request->problem, -ENOENT, PROBLEM_NOT_FOUND, NULL,
		"%s cannot be the name of a tenant", request->target.id);
}

static int reply_tenant(const struct tenant_view *view, struct reply *reply)
{
	CLEANUP(buf_fini) struct buf body = {0};
	char tag[TENANT_TAG];

	if (wire_write_tenant(&body, view) < 0)
		return -ENOMEM;
	tenant_view_tag(view, tag);
	reply_header(reply, "ETag", "%s", tag);
	return reply_json(reply, MHD_HTTP_OK, &body);
}

int tenants_get(struct request *request, struct reply *reply)
{
	struct tenant_view view;
	int r = tenant_name(request);

	if (r == 0)
		r = gate_tenant(request_gate(request), request->target.id, &view);
	return r < 0 ? r : reply_tenant(&view, reply);
}

/* Several headers of a name are one list. */
struct tags {
	const char *name;
	struct buf list;
	bool given;
};

static enum MHD_Result note_tags(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct tags *tags = arg;

	(void)kind;
	if (strcasecmp(name, tags->name) != 0)
		return MHD_YES;
	buf_addf(&tags->list, "%s%s", tags->given ? "," : "", value ? value : "");
	tags->given = true;
	return MHD_YES;
}

static void tags_fini(struct tags *tags)
{
	buf_fini(&tags->list);
}

/* Only "*" may stand in If-None-Match: to set something where nothing is.  A tag there would mean nothing that anybody needs. */
static int read_if_none(struct request *request, struct tenant_change *change)
{
	const char *value = request_header(request, "If-None-Match");

	if (!value)
		return 0;
	if (strcmp(value, "*") != 0)
		return problem_set(&request->problem, -EINVAL, PROBLEM_BAD_REQUEST, NULL,
			"If-None-Match can only be * here");
	change->if_none_set = true;
	return 0;
}

/* Make the change, if its conditions hold. */
static int make_change(struct request *request, struct tenant_change *change, struct reply *reply)
{
	CLEANUP(tags_fini) struct tags tags = {.name = "If-Match"};
	struct tenant_view view;
	int r = read_if_none(request, change);

	if (r < 0)
		return r;
	MHD_get_connection_values(request->connection, MHD_HEADER_KIND, note_tags, &tags);
	if (tags.list.error)
		return tags.list.error;
	change->if_match = tags.given ? tags.list.data : NULL;
	r = gate_change_tenant(request_gate(request), change, &view, &request->problem);
	return r < 0 ? r : reply_tenant(&view, reply);
}

static int check_body(struct request *request)
{
	int r = job_check_encoding(request);

	if (r == 0 && request->body.len > 0 && !job_type_is(request, "application/json"))
		r = problem_set(&request->problem, -EINVAL, PROBLEM_NOT_JSON_TYPE, NULL,
			"this is set as Content-Type: application/json; in UTF-8");
	return r;
}

int tenants_put(struct request *request, struct reply *reply)
{
	struct tenant_change change = {.what = TENANT_PUT, .name = request->target.id};
	struct tenant_wish wish;
	int r = tenant_name(request);

	if (r == 0)
		r = check_body(request);
	if (r == 0 && request->body.len == 0)
		r = problem_set(&request->problem, -EINVAL, PROBLEM_NOT_JSON, NULL,
			"the body is empty; it should be what is to be set, and {} for nothing");
	if (r == 0)
		r = wire_read_tenant(request->body.data, request->body.len, &wish, &request->problem);
	if (r < 0)
		return r;
	change.set = wish.set;
	change.limits = wish.limits;
	change.says_paused = wish.says_paused;
	change.paused = wish.paused;
	return make_change(request, &change, reply);
}

/* One that is all said by what it is. */
static int make_plain_change(struct request *request, enum tenant_change_type what, struct reply *reply)
{
	struct tenant_change change = {.what = what, .name = request->target.id};
	int r = tenant_name(request);

	return r < 0 ? r : make_change(request, &change, reply);
}

int tenants_delete(struct request *request, struct reply *reply)
{
	return make_plain_change(request, TENANT_FORGET, reply);
}

int tenants_pause(struct request *request, struct reply *reply)
{
	struct tenant_change change = {.what = TENANT_PAUSE, .name = request->target.id};
	struct pause_wish wish;
	int r = tenant_name(request);

	if (r == 0)
		r = check_body(request);
	if (r == 0)
		r = wire_read_pause(request->body.data, request->body.len, &wish, &request->problem);
	if (r < 0)
		return r;
	change.for_ns = wish.for_ns;
	change.reason = wish.reason;
	return make_change(request, &change, reply);
}

int tenants_resume(struct request *request, struct reply *reply)
{
	return make_plain_change(request, TENANT_RESUME, reply);
}

static int read_page(struct request *request, uint64_t *ret_limit, const char **ret_after)
{
	const char *limit = target_parameter(&request->target, "limit");
	const char *cursor = target_parameter(&request->target, "cursor");

	*ret_limit = LIMIT_DEFAULT;
	*ret_after = cursor && *cursor ? cursor : NULL;
	if (limit && *limit && (parse_u64(limit, LIMIT_MAX, ret_limit) < 0 || *ret_limit == 0))
		return target_problem(
			&request->problem, "limit", "must be a whole number between 1 and %d", LIMIT_MAX);
	if (*ret_after && !tenant_name_valid(*ret_after))
		return target_problem(&request->problem, "cursor", "is no cursor that was given here");
	return 0;
}

/* The last one's name is where the next page begins, so tenants that come and go move nothing. */
static int write_page(struct buf *body, const struct tenant_view *views, size_t n, bool more)
{
	int r = buf_addf(body, "{\"tenants\":[");

	for (size_t i = 0; r == 0 && i < n; i++) {
		r = buf_add(body, ",", i > 0);
		if (r == 0)
			r = wire_write_tenant(body, &views[i]);
	}
	if (r < 0)
		return r;
	return more ? buf_addf(body, "],\"next_cursor\":\"%s\"}", views[n - 1].name)
		    : buf_addf(body, "],\"next_cursor\":null}");
}

int tenants_list(struct request *request, struct reply *reply)
{
	CLEANUP(buf_fini) struct buf body = {0};
	CLEANUP(freep) struct tenant_view *views = NULL;
	const char *after;
	uint64_t limit;
	size_t n;
	bool more;
	int r = read_page(request, &limit, &after);

	if (r < 0)
		return r;
	views = calloc(limit, sizeof(*views));
	r = views ? gate_tenants(request_gate(request), after, limit, views, &n, &more) : -ENOMEM;
	if (r == 0)
		r = write_page(&body, views, n, more);
	return r < 0 ? r : reply_json(reply, MHD_HTTP_OK, &body);
}
