/* page.c - for the client: the documents in an answer of GET /jobs or /tenants, each as the server wrote it. */
#include <errno.h>
#include <string.h>

#include "wire/json.h"
#include "wire/wire.h"

int wire_read_page(const char *text, size_t bytes, const char *list, wire_page_fn fn, void *arg, char *cursor,
	size_t size)
{
	json_auto_t *json = NULL;
	struct text jobs, job;
	int r;

	if (json_read((struct text){text, bytes}, WIRE_DEPTH_MAX, &json, NULL) < 0 ||
		!json_is_array(json_object_get(json, list)) ||
		!text_member((struct text){text, bytes}, list, &jobs))
		return -EINVAL;
	r = wire_read_member(text, bytes, "next_cursor", cursor, size);
	while (r == 0 && text_element(&jobs, &job))
		r = fn(arg, job.at, job.bytes);
	return r;
}
