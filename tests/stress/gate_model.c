/*
 * gate_model.c - nothing is lost, done twice or out of turn, whatever happens: random operations on a real gate with the real
 * store, against a small model (model.h).
 *
 * The operations go in lists of some hundred, each in a process of its own with a state folder of its own.  Of a list that fails, all is
 * taken out that it fails without, and what is left is printed: PEN_OPS has it replayed.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "model_ops.h"

enum { OPS_A_LIST = 1000, TRIES = 3, RESTS_A_LIST = 6, SHRINK_SECONDS_MAX = 40 };

#define SHRINK_REST_NS (5 * PEN_SECOND) /* it is tried again and again */

#if defined(PEN__TSAN)
enum { OPS = 20000 };
#elif defined(PEN__ASAN)
enum { OPS = 60000 };
#else
enum { OPS = 200000 };
#endif
enum { SOAK_MORE = 50 }; /* ten million, but under a sanitizer */

static char top[] = "/dev/shm/penstock-model-XXXXXX";

struct list {
	struct op ops[OPS_A_LIST];
	unsigned n;
};

static void do_all(struct world *world, const struct list *list)
{
	for (unsigned i = 0; i < list->n; i++) {
		const struct op *op = &list->ops[i];
		uint64_t dice = op->dice;

		printf("# %u: %s:%x\n", i, op_sorts[op->what].name, op->dice);
		op_sorts[op->what].fn(world, &dice);
	}
}

static int try(void *arg)
{
	struct world world = {.folder = top, .window = 2, .calls = pen_waitgroup_new()};

	watch.more = pen_chan_new(0, 1);
	MODEL_CHECK(watch.more && world.calls, "out of memory");
	clock_wall_set(NOW_MS);
	world.model.low_ms = world.model.high_ms = NOW_MS;
	for (unsigned i = 0; i < MODEL_TENANTS; i++)
		world.model.configured[i] = (struct model_limits){i, 1};
	world_listen_silently(&world);
	world_begin(&world, false);
	do_all(&world, arg);
	world_await_calls(&world);
	let_all_go(&world);
	world_end(&world);
	world_check_log();
	world_remove_state(&world);
	close(world.silent);
	model_fini(&world.model);
	pen_waitgroup_free(world.calls);
	pen_chan_free(watch.more);
	return 0;
}

static void leak(const char *task, void *arg)
{
	(void)arg;
	MODEL_CHECK(false, "the task %s was left parked", task);
}

/* What one process has said, by descriptors; nothing is to be logged. */
struct said {
	int out, log;
};

static struct said listen_to_it(void)
{
	struct said said = {memfd_create("out", MFD_CLOEXEC), memfd_create("log", MFD_CLOEXEC)};

	STRESS_CHECK(said.out >= 0 && said.log >= 0, "no files for what it says");
	return said;
}

static void forget(struct said *said)
{
	close(said->out);
	close(said->log);
}

static void tell(int fd)
{
	FILE *file = fdopen(fd, "r");
	char line[1000];

	rewind(file);
	while (fgets(line, sizeof(line), file))
		printf("%s%s", *line == '#' ? "" : "# ", line);
	fclose(file);
}

/* In a process of its own. */
static int try_here(const struct list *list, const struct said *said)
{
	struct pen_run_options options = {.loops = 1, .on_leak = leak, .stack_bytes = 256 << 10};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(said->out, STDOUT_FILENO);
	dup2(said->log, STDERR_FILENO);
	setvbuf(stdout, NULL, _IOLBF, 0); /* it may end at any time */
	log_set_level(LOG_LEVEL_ERROR);
	alarm((unsigned)(RESTS_A_LIST * world_rest_ns / PEN_SECOND));
	MODEL_CHECK(pen_run(&options, try, (void *)list) == 0, "the runtime did not start");
	return EXIT_SUCCESS;
}

static void remove_states(void)
{
	struct world world = {.folder = top};

	for (; world.state < OPS_A_LIST; world.state++)
		if (access(world_path(&world, ""), F_OK) == 0)
			world_remove_state(&world);
}

/* Whether all was right; if not, what it has said takes the place of what was said before. */
static bool passes(const struct list *list, struct said *said)
{
	struct said now = listen_to_it();
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	STRESS_CHECK(pid >= 0, "no process");
	if (pid == 0)
		exit(try_here(list, &now));
	STRESS_CHECK(waitpid(pid, &status, 0) == pid, "the process is gone");
	if (status == 0) {
		forget(&now);
		return true;
	}
	remove_states();
	if (WIFSIGNALED(status))
		dprintf(now.log, "it was ended by signal %d\n", WTERMSIG(status));
	forget(said);
	*said = now;
	return false;
}

/* What depends on the time may go well once. */
static bool fails_again(const struct list *list, struct said *said)
{
	for (unsigned i = 0; i < TRIES; i++)
		if (!passes(list, said))
			return true;
	return false;
}

static void cut_out(struct list *list, unsigned from, unsigned n)
{
	memmove(&list->ops[from], &list->ops[from + n], (list->n - from - n) * sizeof(list->ops[0]));
	list->n -= n;
}

/* Take out what it fails without: halves, then less and less, as long as there is time. */
static void shrink(struct list *list, struct said *said)
{
	int64_t until_ns = pen_now_ns() + SHRINK_SECONDS_MAX * PEN_SECOND;

	world_rest_ns = SHRINK_REST_NS;
	for (unsigned part = list->n; part >= 1; part /= 2) {
		for (unsigned from = 0; from + part <= list->n && pen_now_ns() < until_ns;) {
			struct list less = *list;

			cut_out(&less, from, part);
			if (fails_again(&less, said))
				*list = less;
			else
				from += part;
		}
	}
}

static void tell_list(const struct list *list, const char *program)
{
	printf("# again, more or less: PEN_OPS='");
	for (unsigned i = 0; i < list->n; i++)
		printf("%s%s:%x", i ? " " : "", op_sorts[list->ops[i].what].name, list->ops[i].dice);
	printf("' %s\n", program);
}

static unsigned op_named(const char *name, size_t bytes)
{
	unsigned i = 0;

	while (i < ARRAY_LEN(op_sorts) &&
		(strlen(op_sorts[i].name) != bytes || memcmp(op_sorts[i].name, name, bytes) != 0))
		i++;
	STRESS_CHECK(i < ARRAY_LEN(op_sorts), "there is no operation %.*s", (int)bytes, name);
	return i;
}

static void read_list(const char *text, struct list *list)
{
	list->n = 0;
	while (*text) {
		const char *colon = strchr(text, ':');
		char *end;

		STRESS_CHECK(colon && list->n < OPS_A_LIST, "this is no list of operations: %s", text);
		list->ops[list->n].what = op_named(text, (size_t)(colon - text));
		list->ops[list->n++].dice = (uint32_t)strtoul(colon + 1, &end, 16);
		text = end + strspn(end, " ");
	}
}

/* Returns whether it passed; of one that fails all is told. */
static bool try_list(struct list *list, bool shorten, const char *program)
{
	struct said said = listen_to_it();
	bool passed = passes(list, &said);

	if (!passed && shorten) {
		printf("# a list of %u operations fails, and is made shorter\n", list->n);
		shrink(list, &said);
	}
	tell(said.out);
	tell(said.log);
	if (!passed)
		tell_list(list, program);
	return passed;
}

static bool try_many(uint64_t *random, unsigned n, const char *program)
{
	struct list list;

	for (unsigned done = 0; done < n; done += list.n) {
		for (list.n = 0; list.n < OPS_A_LIST; list.n++)
			list.ops[list.n] = some_op(random);
		if (!try_list(&list, true, program))
			return false;
	}
	return true;
}

/* SOAK says in how many rounds all is to be done that can be done with time. */
static unsigned ops_wanted(void)
{
	const char *soak = getenv("SOAK");
	unsigned rounds = soak ? (unsigned)strtoul(soak, NULL, 10) : 0;

	return rounds > 0 ? OPS * SOAK_MORE / rounds : stress_rounds(OPS);
}

int main(int argc, char **argv)
{
	const char *given = getenv("PEN_OPS");
	uint64_t random = stress_seed(argc, argv);
	struct list list;
	bool passed;

	printf("1..1\n# PEN_SEED=%llu\n", (unsigned long long)random);
	if (access("/dev/shm", W_OK) < 0)
		strcpy(top, "/tmp/penstock-model-XXXXXX");
	STRESS_CHECK(mkdtemp(top), "no folder");
	if (given) {
		read_list(given, &list);
		passed = try_list(&list, false, argv[0]);
	} else {
		passed = try_many(&random, ops_wanted(), argv[0]);
	}
	unlink(world_conf_path(&(struct world){.folder = top}));
	rmdir(top);
	printf("%sok 1 - whatever happens, nothing is lost, done twice or out of turn\n",
		passed ? "" : "not ");
	return passed ? EXIT_SUCCESS : EXIT_FAILURE;
}
