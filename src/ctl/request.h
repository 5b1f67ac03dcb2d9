/* request.h - one request to the server and its answer, by libcurl. */
#ifndef CTL_REQUEST_H
#define CTL_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "ctl/ctl.h"

struct request {
	const char *method; /* "GET", "POST", "DELETE" */
	const char *path;   /* "/jobs", with a query if there is one */
	bool lines; /* the body is several documents, one a line, and so is the answer, whatever its status */
	const char *body; /* a JSON document; NULL: none */
	size_t body_bytes;
	/* Called with each line of an answer with status 2xx as it comes, which then is not in the reply; not 0 ends it.  NULL: none is. */
	int (*on_line)(void *arg, const char *line, size_t bytes);
	void *arg;
	int64_t wait_ns; /* how long the server was asked to think; there is half a minute on top; PEN_NEVER: as long as it likes */
};

struct reply {
	long status;
	struct buf body;
};

void reply_fini(struct reply *reply);

/*
 * Send the request and read the answer into a zeroed `reply`.  CTL_OK with a status of 2xx; else CTL_FAILED, and why was said:
 * "penstock: TITLE: DETAIL (POINTER)" of the server's problem, or what libcurl has to say.  An answer in lines is CTL_OK, as they
 * say themselves what is wrong.
 */
int request_send(struct ctl *ctl, const struct request *request, struct reply *reply);

/* Print the document with a newline at its end. */
void reply_print(struct ctl *ctl, const struct reply *reply);

#endif
