/* health.c - /healthz: the process answers; /readyz: it takes work. */
#include "http/inside.h"

int health_get(struct request *request, struct reply *reply)
{
	(void)request;
	reply_literal(reply, MHD_HTTP_OK, "{\"status\":\"ok\"}");
	return 0;
}

/* The gate's answer comes through its channels and its task, so it is progress and not only a sign of life. */
int ready_get(struct request *request, struct reply *reply)
{
	int r = gate_ready(request_gate(request), &request->problem);

	if (r == 0)
		reply_literal(reply, MHD_HTTP_OK, "{\"status\":\"ready\"}");
	return r;
}
