/* loader.c - reads jobs that are on record only, one load at a time, so that the gate's task never waits for the store. */
#include <errno.h>
#include <penstock/waitgroup.h>
#include <stdlib.h>

#include "gate/inside.h"
#include "log/log.h"

enum { LOAD_BYTES_MAX = 4 << 20 }; /* about; the last job may go beyond */

/* It stays on record as it is, for whoever can repair it; who asks for it is told that it cannot be read. */
void loader_tell_damage(const struct store_found *found)
{
	char id[UUID_TEXT];

	uuid_format(&found->id, id);
	log_error("store", "a job on record cannot be read back, and is left as it is", "id=%s why=%s", id,
		found->damage);
}

/* On the store's thread.  1: no further. */
static int take(void *arg, struct store_found *found)
{
	struct load *load = arg;

	if (found->place.ms > load->until_ms) {
		load->last = place_before(found->place);
		return 1;
	}
	if (found->record.job)
		load->bytes += job_bytes(found->record.job);
	else
		loader_tell_damage(found);
	load->found[load->n++] = *found;
	load->last = found->place;
	found->record = (struct store_record){0};
	return load->bytes > LOAD_BYTES_MAX;
}

/* The end of the list leaves nothing behind it. */
static void read_list(struct gate *gate, struct load *load)
{
	int r = store_scan(gate->store, &load->scan, take, load);

	if (r == 0 && load->n < load->scan.limit)
		load->last = PLACE_LAST;
	load->error = r < 0 ? r : 0;
}

static void read_one(struct gate *gate, struct load *load)
{
	load->error = store_read(gate->store, load->message->id, &load->found[0].record);
	load->n = load->error == 0;
}

void loader(void *arg)
{
	struct gate *gate = arg;
	struct load *load;

	while (pen_chan_recv(NULL, gate->loads, &load) == 0) {
		load->found = calloc(load->scan.limit, sizeof *load->found);
		if (!load->found)
			load->error = -ENOMEM;
		else if (load->message)
			read_one(gate, load);
		else
			read_list(gate, load);
		if (pen_chan_send(NULL, gate->loaded, &load) < 0)
			break; /* never: it is closed after this task has ended */
	}
	pen_waitgroup_done(gate->loader);
}
