/* group_cancel.c - fetch several URLs at once; the first that fails cancels the others, and its error is the group's. */
#include <penstock/ctx.h>
#include <penstock/group.h>
#include <penstock/task.h>

#include "fetch.h"
#include "local_server.h"

static struct local_server server;
static int cancelled;

static int get(struct pen_ctx *ctx, void *path)
{
	char url[80];
	size_t bytes;
	long status;
	int r;

	snprintf(url, sizeof url, "%s%s", server.url, (const char *)path);
	r = fetch(ctx, url, &status, &bytes);
	if (r == -ECANCELED)
		cancelled++;
	return r < 0 ? r : status == 200 ? 0 : -ENOENT;
}

static int start(void *arg)
{
	static const char *const paths[] = {"/quick", "/stuck", "/stuck", "/no-such-page"};
	struct pen_group *group;

	(void)arg;
	local_server_start(&server);
	MUST(pen_group_new(&group, NULL, 0));
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		MUST(pen_group_go(group, get, (void *)paths[i]));
	printf("the group's error: %s\n", strerror(-pen_group_wait(group)));
	printf("cancelled with it: %d\n", cancelled);
	printf("cause: %s\n", pen_ctx_cause(pen_group_ctx(group)));
	pen_group_free(group);
	local_server_stop(&server);
	return 0;
}

int main(void)
{
	int r;

	curl_global_init(CURL_GLOBAL_DEFAULT);
	r = pen_run(&(struct pen_run_options){.loops = 1}, start, NULL);
	curl_global_cleanup();
	return MUST(r);
}
