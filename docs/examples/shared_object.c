/* shared_object.c - an object that several tasks hold, freed by the last to let go, and a count that all of them add to. */
#include <penstock/counter.h>
#include <penstock/ref.h>
#include <penstock/task.h>
#include <penstock/waitgroup.h>

#include "example.h"

enum { TASKS = 8, ROUNDS = 1000 };

struct object {
	struct pen_ref ref;
	int value;
};

static struct pen_counter reads, freed;
static struct pen_waitgroup *wg;

static void object_put(struct object *object)
{
	if (!pen_ref_put(&object->ref))
		return;
	free(object);
	pen_counter_add(&freed, 1);
}

static void hold(void *arg)
{
	struct object *object = arg;

	for (int i = 0; i < ROUNDS; i++)
		pen_counter_add(&reads, (uint64_t)object->value);
	object_put(object);
	pen_waitgroup_done(wg);
}

static int start(void *arg)
{
	struct object *object = MUST_HAVE(malloc(sizeof *object));

	(void)arg;
	*object = (struct object){.ref = PEN_REF_ONE, .value = 1};
	wg = MUST_HAVE(pen_waitgroup_new());
	pen_waitgroup_add(wg, TASKS);
	for (size_t i = 0; i < TASKS; i++) {
		pen_ref_get(&object->ref); /* one for the task */
		MUST(pen_go_on(i % pen_loops(), hold, object));
	}
	object_put(object);
	MUST(pen_waitgroup_wait(NULL, wg));
	printf("%zu reads, freed %zu time\n", (size_t)pen_counter_read(&reads),
		(size_t)pen_counter_read(&freed));
	pen_waitgroup_free(wg);
	return 0;
}

int main(void)
{
	return MUST(pen_run(NULL, start, NULL));
}
