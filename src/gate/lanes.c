/*
 * lanes.c - limits by name: how many jobs of an endpoint, of a command, of a limit_key may run at one time.
 *
 * entry_start() has a job go into its lanes, all of them or none.  If one is full, the job is set aside there: still queued, but in
 * its tenant's queue no longer, so that it holds nobody back.  When the lane has room the first of each tenant is put before its
 * equals in its tenant's queue again, and what is set aside for another lane then is not in the way of the next.
 *
 * A lane is there while somebody runs in it, is set aside at it or (limit_key.c) is of its key; nothing of it is on record.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "gate/inside.h"

/* Before the name in a lane's id; all of it is compared, so there is no padding. */
struct id_head {
	const struct tenant *tenant; /* NULL: of all */
	uint64_t sort;
};

/* Those of one tenant that are set aside at one lane. */
struct berth {
	struct lane_line line; /* first: a lane's `lines` are these */
	struct entry *out; /* the one that was offered to its tenant and has not had its turn; NULL: none */
	struct berth *offered_prev, *offered_next; /* in the tenant's `offered`, while there is one */
	struct berth_id {
		struct named_lane *lane;
		struct tenant *tenant;
	} id;
	UT_hash_handle hh;
};

/* What a job must go into: its lanes by their names. */
struct wish {
	enum lane_sort sort;
	struct tenant *tenant;
	const char *name;
};

static uint32_t limit_of(const struct gate *gate, const struct named_lane *lane)
{
	const struct command_def *command;

	if (lane->sort == LANE_ENDPOINT)
		return lane->tenant->limits.host_connections;
	if (lane->sort == LANE_KEY)
		return lane->tenant->limits.key_max_running;
	command = conf_command(gate->conf, lane->id + sizeof(struct id_head));
	return command && command->max_running ? command->max_running : LANE_UNLIMITED;
}

/* Gives the bytes of the id, which does not fit when they are more than LANE_ID_MAX. */
static size_t make_id(const struct wish *wish, char id[static LANE_ID_MAX])
{
	const struct id_head head = {.tenant = wish->tenant, .sort = wish->sort};
	size_t bytes = strnlen(wish->name, LANE_ID_MAX - sizeof head - 1);

	memcpy(id, &head, sizeof head);
	memcpy(id + sizeof head, wish->name, bytes);
	id[sizeof head + bytes] = '\0';
	return sizeof head + bytes;
}

static struct named_lane *lane_new(struct gate *gate, const struct wish *wish, const char *id, size_t bytes)
{
	struct named_lane *lane = calloc(1, sizeof *lane + bytes + 1);

	if (!lane)
		return NULL;
	lane->sort = wish->sort;
	lane->tenant = wish->tenant;
	memcpy(lane->id, id, bytes + 1);
	lane->lane.limit = limit_of(gate, lane);
	HASH_ADD_KEYPTR(hh, gate->lanes, lane->id, bytes, lane);
	if (HASH_ADDED(hh, lane))
		return lane;
	free(lane);
	return NULL;
}

static struct named_lane *lane_find(const struct gate *gate, const char *id, size_t bytes)
{
	struct named_lane *lane;

	HASH_FIND(hh, gate->lanes, id, bytes, lane);
	return lane;
}

/* NULL: it is not there. */
static struct named_lane *lane_wished(const struct gate *gate, const struct wish *wish)
{
	char id[LANE_ID_MAX];
	size_t bytes = make_id(wish, id);

	return lane_find(gate, id, bytes);
}

/* It is there, or it is made; NULL: no memory. */
static struct named_lane *lane_get(struct gate *gate, const struct wish *wish)
{
	char id[LANE_ID_MAX];
	size_t bytes = make_id(wish, id);
	struct named_lane *lane = lane_find(gate, id, bytes);

	return lane ? lane : lane_new(gate, wish, id, bytes);
}

static struct wish wish_key(struct tenant *tenant, const char *limit_key)
{
	return (struct wish){LANE_KEY, tenant, limit_key};
}

struct named_lane *lanes_key(struct gate *gate, struct tenant *tenant, const char *limit_key)
{
	const struct wish wish = wish_key(tenant, limit_key);

	return lane_get(gate, &wish);
}

struct named_lane *lanes_find_key(const struct gate *gate, struct tenant *tenant, const char *limit_key)
{
	const struct wish wish = wish_key(tenant, limit_key);

	return lane_wished(gate, &wish);
}

void lanes_put(struct gate *gate, struct named_lane *lane)
{
	if (!lane_idle(&lane->lane) || lane->members || lane->arriving > 0 || lane->held)
		return;
	HASH_DEL(gate->lanes, lane);
	free(lane);
}

static struct berth *berth_find(const struct gate *gate, struct named_lane *lane, struct tenant *tenant)
{
	const struct berth_id id = {lane, tenant};
	struct berth *berth;

	HASH_FIND(hh, gate->berths, &id, sizeof id, berth);
	return berth;
}

static struct berth *berth_get(struct gate *gate, struct named_lane *lane, struct tenant *tenant)
{
	struct berth *berth = berth_find(gate, lane, tenant);

	if (berth)
		return berth;
	berth = calloc(1, sizeof *berth);
	if (!berth)
		return NULL;
	berth->id = (struct berth_id){lane, tenant};
	HASH_ADD(hh, gate->berths, id, sizeof berth->id, berth);
	if (!HASH_ADDED(hh, berth)) {
		free(berth);
		return NULL;
	}
	lane_line_init(&berth->line, &lane->lane);
	return berth;
}

static void berth_put(struct gate *gate, struct berth *berth)
{
	struct named_lane *lane = berth->id.lane;

	if (!lane_line_idle(&berth->line))
		return;
	lane_line_fini(&berth->line);
	HASH_DEL(gate->berths, berth);
	free(berth);
	lanes_put(gate, lane);
}

static void count_aside(struct gate *gate, const struct entry *entry, int change)
{
	gate->stats.limited[entry->berth->id.lane->sort] += (uint64_t)change;
	entry->tenant->aside[entry->berth->id.lane->sort] += (size_t)change;
	entry->tenant->lines[entry->job->priority].aside += (size_t)change;
}

static struct entry *aside_entry(struct heap_item *item)
{
	return (struct entry *)((char *)item - offsetof(struct entry, aside));
}

/* All of its line came after it but those that were offered room too, at other lanes, and may want the same as it besides. */
static void push_by_turn(struct entry *entry)
{
	struct queue *queue = &entry->tenant->queue;
	struct queue_item *other = queue->lines[entry->job->priority].head;

	while (other && ((struct entry *)other)->turn < entry->turn)
		other = other->next;
	queue_push_before(queue, &entry->item, entry->job->priority, other);
}

/* It goes to its tenant's turn again, and is aside no longer. */
static void put_in_line(struct gate *gate, struct berth *berth, struct entry *entry)
{
	berth->out = entry;
	DL_APPEND2(entry->tenant->offered, berth, offered_prev, offered_next);
	audit_touch(gate, entry);
	count_aside(gate, entry, -1);
	push_by_turn(entry);
	tenant_review(gate, entry->tenant);
}

/* The first, if there is room for it. */
static void offer(struct gate *gate, struct berth *berth)
{
	struct heap_item *item = lane_offer(&berth->line);

	if (item)
		put_in_line(gate, berth, aside_entry(item));
	else if (berth->out &&
		 lane_has_room(berth->line.lane)) /* who is blocked there may be unblocked now */
		tenant_look_later(gate, berth->id.tenant);
}

static void offer_all(struct gate *gate, struct named_lane *lane)
{
	struct lane_line *line;

	DL_FOREACH (lane->lane.lines, line)
		offer(gate, (struct berth *)line);
}

static void nobody_is_out(struct berth *berth)
{
	DL_DELETE2(berth->id.tenant->offered, berth, offered_prev, offered_next);
	berth->line.out = false;
	berth->out = NULL;
}

/* What was offered has gone in, or away, so the next may be. */
static void offer_next(struct gate *gate, struct berth *berth)
{
	nobody_is_out(berth);
	offer(gate, berth);
	berth_put(gate, berth);
}

/* As in its tenant's queue, with ageing or without; of one priority always in the order in which they came. */
static int64_t rank_of(const struct entry *entry)
{
	int64_t ageing_ns = entry->tenant->limits.ageing_ns;

	if (ageing_ns == 0)
		return lane_rank(entry->job->priority, entry->turn);
	return (int64_t)entry->turn - entry->job->priority * ageing_ns;
}

/* The lane is full again before that one has had its turn.  It comes back, as one that is set aside now may go before it. */
static void take_back(struct gate *gate, struct berth *berth)
{
	struct entry *entry = berth->out;

	if (!entry)
		return;
	entry->aside.key = rank_of(entry); /* ageing may have been changed meanwhile */
	if (lane_set_aside(&berth->line, &entry->aside) < 0)
		return;
	audit_touch(gate, entry);
	queue_remove(&entry->item);
	count_aside(gate, entry, 1);
	nobody_is_out(berth);
}

/* The first of those that are aside there which have at least this priority; NULL: none has. */
static struct entry *first_above(const struct berth *berth, int priority)
{
	const struct heap *aside = &berth->line.aside;
	struct entry *first = NULL;

	for (size_t i = 0; i < aside->len; i++) {
		struct entry *entry = aside_entry(aside->nodes[i].item);

		if (entry->job->priority >= priority && (!first || entry->aside.key < first->aside.key))
			first = entry;
	}
	return first;
}

bool lanes_unblock(struct gate *gate, struct tenant *tenant, int priority)
{
	struct berth *berth;

	DL_FOREACH2(tenant->offered, berth, offered_next)
	{
		struct entry *entry = lane_has_room(berth->line.lane) ? first_above(berth, priority) : NULL;

		if (!entry || berth->out->job->priority >= priority)
			continue;
		take_back(gate, berth);
		if (berth->out) /* no memory */
			continue;
		lane_offer_this(&berth->line, &entry->aside);
		put_in_line(gate, berth, entry);
		return true;
	}
	return false;
}

static int64_t rank_of_aside(const struct heap_item *item)
{
	return rank_of(aside_entry((struct heap_item *)item));
}

void lanes_rank(struct gate *gate, const struct tenant *tenant)
{
	struct berth *berth, *next;

	HASH_ITER (hh, gate->berths, berth, next)
		if (berth->id.tenant == tenant)
			heap_rekey(&berth->line.aside, rank_of_aside);
}

/* Its berth of before, if it was offered from another, is its caller's to settle. */
static int set_aside(struct gate *gate, struct entry *entry, struct named_lane *lane)
{
	struct berth *berth = berth_get(gate, lane, entry->tenant);

	if (!berth)
		return -ENOMEM;
	entry->aside.key = rank_of(entry);
	if (lane_set_aside(&berth->line, &entry->aside) < 0) {
		berth_put(gate, berth);
		return -ENOMEM;
	}
	if (berth->out == entry)
		nobody_is_out(berth);
	else
		take_back(gate, berth);
	entry->berth = berth;
	count_aside(gate, entry, 1);
	return -EAGAIN;
}

static size_t wishes_of(const struct entry *entry, struct wish wishes[static ENTRY_LANES])
{
	const struct job *job = entry->job;
	size_t n = 0;

	if (job->kind == JOB_HTTP)
		wishes[n++] = (struct wish){LANE_ENDPOINT, entry->tenant, job->spec.http.endpoint};
	else if (job->kind == JOB_COMMAND)
		wishes[n++] = (struct wish){LANE_COMMAND, NULL, job->spec.command.command};
	if (job->limit_key)
		wishes[n++] = wish_key(entry->tenant, job->limit_key);
	return n;
}

static struct named_lane *full_one(struct named_lane *const *lanes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!lane_has_room(&lanes[i]->lane))
			return lanes[i];
	return NULL;
}

/*
 * Where somebody of its tenant is aside who goes before it, and has no lower priority.  The room has been offered to one who goes before both, and whose
 * turn the tenant's queue may see later, as it reckons ageing by when they came, and lanes by when they were first here.  Who gave way to a
 * lower priority could be offered the room by lanes_unblock() again, and so on for ever.
 */
static struct named_lane *owed_one(
	const struct gate *gate, const struct entry *entry, struct named_lane *const *lanes, size_t n)
{
	for (size_t i = 0; entry->tenant->offered && i < n; i++) {
		const struct berth *berth = berth_find(gate, lanes[i], entry->tenant);
		const struct entry *first = berth && berth->out && berth->out != entry
						    ? first_above(berth, entry->job->priority)
						    : NULL;

		if (first && first->aside.key < rank_of(entry))
			return lanes[i];
	}
	return NULL;
}

/* Who came back for its sake is offered the room once more. */
static int give_way(struct gate *gate, struct entry *entry, struct named_lane *lane)
{
	int r = set_aside(gate, entry, lane);

	if (r == -EAGAIN)
		offer(gate, entry->berth);
	return r;
}

/*
 * A job that waits for several slots holds up its tenant, which is right, but not when it cannot run for its lane's sake either: then it is
 * set aside there (lanes_set_aside).  A lane that is of one tenant gets full by a start of that tenant, who is looked at then; of
 * one that is of all those whose first waits so are noted there, to be looked at.
 */
static void unhold(struct gate *gate, struct tenant *tenant)
{
	struct named_lane *lane = TAKE_PTR(tenant->held_at);

	if (!lane)
		return;
	DL_DELETE2(lane->held, tenant, held_prev, held_next);
	lanes_put(gate, lane);
}

void lanes_hold(struct gate *gate, struct tenant *tenant, const struct entry *first)
{
	struct wish wish = {.sort = LANE_COMMAND};
	struct named_lane *lane;

	unhold(gate, tenant);
	if (!first || first->job->kind != JOB_COMMAND)
		return;
	wish.name = first->job->spec.command.command;
	lane = lane_get(gate, &wish);
	if (!lane || !lane_has_room(&lane->lane))
		return;
	tenant->held_at = lane;
	DL_APPEND2(lane->held, tenant, held_prev, held_next);
}

static void look_at_held(struct gate *gate, struct named_lane *lane)
{
	while (lane->held && !lane_has_room(&lane->lane)) {
		struct tenant *tenant = lane->held;

		unhold(gate, tenant);
		tenant_look_later(gate, tenant);
	}
}

static void go_in(struct gate *gate, struct entry *entry, struct named_lane *const *lanes, size_t n)
{
	struct berth *berth = TAKE_PTR(entry->berth);

	for (size_t i = 0; i < n; i++) {
		lane_enter(&lanes[i]->lane);
		entry->lanes[i] = lanes[i];
	}
	if (berth)
		offer_next(gate, berth);
	for (size_t i = 0; i < n; i++)
		look_at_held(gate, lanes[i]);
}

int lanes_enter(struct gate *gate, struct entry *entry)
{
	struct wish wishes[ENTRY_LANES];
	struct named_lane *lanes[ENTRY_LANES] = {0}, *full, *owed;
	struct berth *before = entry->berth;
	size_t n = wishes_of(entry, wishes), found = 0;
	int r = 0;

	while (found < n && (lanes[found] = lane_get(gate, &wishes[found])))
		found++;
	full = full_one(lanes, found);
	if (found < n)
		r = -ENOMEM;
	else if (full)
		r = set_aside(gate, entry, full);
	else if ((owed = owed_one(gate, entry, lanes, n)))
		r = give_way(gate, entry, owed);
	else
		go_in(gate, entry, lanes, n);
	for (size_t i = 0; r < 0 && i < found; i++)
		lanes_put(gate, lanes[i]);
	if (r == -EAGAIN && before && before != entry->berth)
		offer_next(gate, before); /* with which the last of its lane may go */
	return r;
}

bool lanes_set_aside(struct gate *gate, struct entry *entry)
{
	struct wish wishes[ENTRY_LANES];
	struct berth *before = entry->berth;
	struct named_lane *lanes[ENTRY_LANES] = {0}, *full;
	size_t n = wishes_of(entry, wishes), found = 0;

	for (size_t i = 0; i < n; i++)
		if ((lanes[found] = lane_wished(gate, &wishes[i])))
			found++;
	full = full_one(lanes, found);
	if (!full)
		return false;
	audit_touch(gate, entry);
	queue_remove(&entry->item);
	if (set_aside(gate, entry, full) == -ENOMEM) {
		queue_push_front(&entry->tenant->queue, &entry->item, entry->job->priority);
		return false;
	}
	if (before && before != entry->berth)
		offer_next(gate, before);
	return true;
}

void lanes_leave(struct gate *gate, struct entry *entry)
{
	for (size_t i = 0; i < ENTRY_LANES && entry->lanes[i]; i++) {
		struct named_lane *lane = TAKE_PTR(entry->lanes[i]);

		lane_leave(&lane->lane);
		offer_all(gate, lane);
		lanes_put(gate, lane);
	}
}

bool lanes_is_aside(const struct entry *entry)
{
	return heap_has(&entry->aside);
}

enum lane_sort lanes_aside_at(const struct entry *entry)
{
	return entry->berth->id.lane->sort;
}

const struct lane *lanes_waits_for(const struct entry *entry, enum lane_sort sort)
{
	const struct named_lane *lane = lanes_is_aside(entry) ? entry->berth->id.lane : NULL;

	return lane && lane->sort == sort ? &lane->lane : NULL;
}

void lanes_unqueue(struct gate *gate, struct entry *entry)
{
	struct berth *berth = entry->berth;

	queue_remove(&entry->item);
	if (!berth)
		return;
	if (lanes_is_aside(entry)) {
		count_aside(gate, entry, -1);
		lane_remove(&berth->line, &entry->aside);
		entry->berth = NULL;
		berth_put(gate, berth);
	} else {
		entry->berth = NULL;
		offer_next(gate, berth);
	}
}

/* Raising a limit lets jobs start now; lowering it stops none. */
void lanes_reconfigure(struct gate *gate)
{
	for (struct named_lane *lane = gate->lanes; lane; lane = lane->hh.next) {
		lane->lane.limit = limit_of(gate, lane);
		offer_all(gate, lane);
		look_at_held(gate, lane);
	}
}
