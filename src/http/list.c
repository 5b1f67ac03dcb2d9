/* list.c - GET /jobs: jobs on record, the newest first, a page at a time. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "http/cursor.h"
#include "http/wanted.h"

static int write_page(struct buf *body, const struct store_page *page)
{
	int r = buf_addf(body, "{\"jobs\":[");

	for (size_t i = 0; r == 0 && i < page->n; i++) {
		r = buf_add(body, ",", i > 0);
		if (r == 0)
			r = wire_write_job(body, page->records[i].job, &page->records[i].progress);
	}
	if (r == 0)
		r = buf_addf(body, "],");
	return r < 0 ? r : cursor_add(body, page->next);
}

int jobs_list(struct request *request, struct reply *reply)
{
	CLEANUP(store_page_fini) struct store_page page = {0};
	CLEANUP(buf_fini) struct buf body = {0};
	struct wanted wanted;
	int r = wanted_read(request, &wanted);

	if (r == 0)
		r = gate_list(request_gate(request), &wanted.query, &page, &request->problem);
	if (r == 0)
		r = write_page(&body, &page);
	return r < 0 ? r : reply_json(reply, MHD_HTTP_OK, &body);
}
