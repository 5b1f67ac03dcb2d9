/* group_limit.c - fetch ten URLs, three at a time; the server says that there were never more. */
#include <penstock/group.h>
#include <penstock/task.h>

#include "fetch.h"
#include "local_server.h"

enum { URLS = 10, LIMIT = 3 };

static struct local_server server;
static size_t total;

static int get(struct pen_ctx *ctx, void *arg)
{
	char url[80];
	size_t bytes;
	long status;
	int r;

	(void)arg;
	snprintf(url, sizeof url, "%s/slow", server.url);
	r = fetch(ctx, url, &status, &bytes);
	total += bytes;
	return r < 0 ? r : status == 200 ? 0 : -EIO;
}

static int start(void *arg)
{
	struct pen_group *group;
	int r = 0;

	(void)arg;
	local_server_start(&server);
	MUST(pen_group_new(&group, NULL, LIMIT));
	for (int i = 0; i < LIMIT; i++)
		MUST(pen_group_try_go(group, get, NULL));
	r = pen_group_try_go(group, get, NULL);
	printf("one more without waiting: %s\n", r == -EAGAIN ? "no, the limit is reached" : strerror(-r));
	for (int i = LIMIT; i < URLS; i++)
		MUST(pen_group_go(group, get, NULL)); /* waits for a place */
	MUST(pen_group_wait(group));
	printf("%d fetched, %zu bytes, at most %d at a time\n", URLS, total, server.most_serving);
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
