/* stress_pipeline.c - pipelines of random shape, some failing, some canceled: no element is lost. */
#include <errno.h>
#include <penstock/pipeline.h>

#include "nemesis.h"

enum {
	MEMBERS = 6,
	PIPELINES = 2000 / STRESS_LESS,
	ITEMS_MOST = 60,
	SOURCES_MOST = 3,
	STAGES_MOST = 3,
	WIDTH_MOST = 3,
	FAILURE = -EILSEQ,
};

struct flow {
	unsigned items;             /* of each source */
	unsigned fail_at, drop_one; /* the how-manieth item fails, each how-manieth is dropped; 0: none */
	unsigned passed;            /* atomic; items through any stage */
	long alive;                 /* atomic; items */
	long sent, dropped;         /* atomic; sums of values */
};

/* What flows is memory, so that what gets lost is missed. */
struct item {
	struct flow *flow;
	long value;
};

static void item_free(struct item *item)
{
	__atomic_sub_fetch(&item->flow->alive, 1, __ATOMIC_RELAXED);
	free(item);
}

static void drop(void *elem)
{
	item_free(*(struct item **)elem);
}

static int generate(struct pen_ctx *ctx, struct pen_chan *out, void *arg)
{
	struct flow *flow = arg;
	int r = 0;

	for (unsigned i = 0; i < flow->items && r == 0; i++) {
		struct item *item = malloc(sizeof(*item));

		STRESS_CHECK(item, "out of memory");
		*item = (struct item){flow, (long)i};
		__atomic_add_fetch(&flow->alive, 1, __ATOMIC_RELAXED);
		r = pen_chan_send(ctx, out, &item);
		if (r == 0)
			__atomic_add_fetch(&flow->sent, (long)i, __ATOMIC_RELAXED);
		else
			item_free(item);
	}
	return r;
}

static int pass(struct pen_ctx *ctx, const void *in_elem, void *out_elem, void *arg)
{
	struct flow *flow = arg;
	struct item *item = *(struct item *const *)in_elem;
	unsigned number = __atomic_add_fetch(&flow->passed, 1, __ATOMIC_RELAXED);

	(void)ctx;
	*(struct item **)out_elem = item;
	if (number != flow->fail_at && (!flow->drop_one || number % flow->drop_one))
		return 0;
	__atomic_add_fetch(&flow->dropped, item->value, __ATOMIC_RELAXED);
	item_free(item);
	return number == flow->fail_at ? FAILURE : 1;
}

static void add_sources(
	struct member *member, struct pen_pipeline *pipeline, struct flow *flow, struct pen_chan **ret_out)
{
	struct pen_chan *outs[SOURCES_MOST];
	unsigned n = 1 + pick(member, SOURCES_MOST);

	for (unsigned i = 0; i < n; i++) {
		int r = pen_pipeline_source(
			pipeline, sizeof(struct item *), pick(member, 3), generate, flow, &outs[i]);

		STRESS_CHECK(r == 0, "a source could not be added");
		pen_chan_set_drop(outs[i], drop);
	}
	STRESS_CHECK(pen_pipeline_merge(pipeline, outs, n, pick(member, 3), ret_out) == 0, "no merge");
	pen_chan_set_drop(*ret_out, drop);
}

static void add_stages(
	struct member *member, struct pen_pipeline *pipeline, struct flow *flow, struct pen_chan **chan)
{
	for (unsigned i = pick(member, STAGES_MOST + 1); i > 0; i--) {
		int r = pen_pipeline_stage(pipeline, *chan, 1 + pick(member, WIDTH_MOST),
			sizeof(struct item *), pick(member, 3), pass, flow, chan);

		STRESS_CHECK(r == 0, "a stage could not be added");
		pen_chan_set_drop(*chan, drop);
	}
}

static long drain(struct pen_chan *chan, unsigned at_most)
{
	struct item *item;
	long sum = 0;

	while (at_most-- > 0 && pen_chan_recv(NULL, chan, &item) == 0) {
		sum += item->value;
		item_free(item);
	}
	return sum;
}

/* Each in a way of its own: run dry, run dry though something fails, stopped early, freed while it runs. */
static void run_one(struct member *member, struct pen_chan *nemesis)
{
	struct flow flow = {.items = pick(member, ITEMS_MOST), .drop_one = pick(member, 8)};
	struct pen_ctx *ctx = pick(member, 2) ? doomed_ctx(member, nemesis) : NULL;
	bool whole = pick(member, 4) != 0;
	struct pen_pipeline *pipeline;
	struct pen_chan *out;
	long sum;
	int r;

	if (pick(member, 4) == 0)
		flow.fail_at = 1 + pick(member, ITEMS_MOST);
	STRESS_CHECK(pen_pipeline_new(&pipeline, ctx) == 0, "no pipeline");
	add_sources(member, pipeline, &flow, &out);
	add_stages(member, pipeline, &flow, &out);
	sum = drain(out, whole ? UINT32_MAX : pick(member, 10));
	if (whole || pick(member, 2)) {
		if (!whole)
			pen_pipeline_cancel(pipeline, "enough");
		r = pen_pipeline_wait(pipeline);
		STRESS_CHECK(r == 0 || ended_by_ctx(r) || (r == FAILURE && flow.fail_at), "wait gave %d", r);
		STRESS_CHECK(r != 0 || !whole || sum + flow.dropped == flow.sent,
			"%ld was sent, %ld arrived, %ld was dropped", flow.sent, sum, flow.dropped);
		STRESS_CHECK(r == 0 || ctx || flow.fail_at || !whole, "failed with %d for no reason", r);
	}
	pen_pipeline_free(pipeline);
	STRESS_CHECK(flow.alive == 0, "%ld items are lost", flow.alive);
	pen_ctx_unref(ctx);
}

static void work(struct member *member)
{
	for (unsigned i = stress_rounds(PIPELINES); i > 0; i--)
		run_one(member, member->shared);
}

static void run(uint64_t *random)
{
	struct pen_chan *nemesis = nemesis_new();

	stress_members(random, MEMBERS, work, nemesis);
	pen_chan_close(nemesis);
}

int main(int argc, char **argv)
{
	return stress_main(argc, argv, "all that a pipeline was sent arrives or is dropped", run);
}
