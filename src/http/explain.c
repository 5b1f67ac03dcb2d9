/* explain.c - GET /jobs/{id}/explain: why a job is not running; and POST /audit: whether the daemon's counts are right. */
#include "wire/explain.h"
#include "base/cleanup.h"
#include "http/jobs.h"

int job_explain(struct request *request, struct reply *reply)
{
	CLEANUP(buf_fini) struct buf body = {0};
	struct explanation explanation;
	struct uuid id;
	int r = job_id(request, &id);

	if (r == 0)
		r = gate_explain(request_gate(request), &id, &explanation, &request->problem);
	if (r == 0)
		r = wire_write_explanation(&body, &explanation);
	return r < 0 ? r : reply_json(reply, MHD_HTTP_OK, &body);
}

int audit_post(struct request *request, struct reply *reply)
{
	CLEANUP(buf_fini) struct buf body = {0};
	struct gate_audit audit;
	int r = gate_audit(request_gate(request), &audit);

	if (r == 0)
		r = buf_addf(&body, "{\"jobs\":%zu,\"tenants\":%zu,\"differences\":%zu}", audit.jobs,
			audit.tenants, audit.differences);
	return r < 0 ? r : reply_json(reply, MHD_HTTP_OK, &body);
}
