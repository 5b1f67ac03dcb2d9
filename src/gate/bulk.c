/*
 * bulk.c - many jobs in one message, and on record in one transaction.
 *
 * Their operations go to the store and come back together, in the order of the lines, so line and operation find each other
 * by their order alone.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "gate/inside.h"

void gate_line_fini(struct gate_line *line)
{
	job_unref(line->job);
	free(line->problem);
	*line = (struct gate_line){0};
}

void gate_line_refuse(struct gate_line *line, int error, const struct problem *problem)
{
	line->result = error;
	line->problem = malloc(sizeof *line->problem);
	if (line->problem)
		*line->problem = *problem;
}

static bool is_in(const struct gate_line *line)
{
	return line->job && line->result == 0;
}

static void refuse(struct gate *gate, struct gate_line *line, int error, const struct problem *problem)
{
	gate->stats.submitted[line->job->kind][SUBMITTED_REFUSED]++;
	if (problem)
		gate_line_refuse(line, error, problem);
	else
		line->result = error;
}

/* Gives the operations of those that can be, and how many lines were refused. */
static size_t admit_all(struct gate *gate, struct message *message, struct store_op **ret_first)
{
	struct store_op **end = ret_first;
	size_t refused = 0;

	*end = NULL;
	for (size_t i = 0; i < message->n_lines; i++) {
		struct gate_line *line = &message->lines[i];
		struct problem problem = {0};
		int r;

		if (!is_in(line))
			continue;
		r = entry_admit(gate, message, line->job, end, &problem);
		if (r == 0) {
			end = &(*end)->with;
			message->left++;
		} else {
			refuse(gate, line, r, &problem);
			refused++;
		}
	}
	return refused;
}

static void withdraw_all(struct gate *gate, struct message *message, struct store_op *op)
{
	while (op) {
		struct store_op *with = TAKE_PTR(op->with);

		entry_withdraw(gate, op);
		op = with;
	}
	for (size_t i = 0; i < message->n_lines; i++)
		if (is_in(&message->lines[i]))
			refuse(gate, &message->lines[i], -ECANCELED, NULL);
}

bool call_submit_many(struct gate *gate, struct message *message)
{
	struct store_op *first;
	size_t refused;

	if (gate->draining) {
		message->result = call_draining(&message->problem);
		return true;
	}
	refused = admit_all(gate, message, &first);
	if (message->atomic && refused > 0) {
		withdraw_all(gate, message, first);
		return true;
	}
	if (!first)
		return true;
	ledger_send(gate, first);
	return false; /* bulk_accepted() answers */
}

void bulk_accepted(struct gate *gate, struct message *submitter, const struct store_op *op)
{
	struct problem problem = {0};
	struct gate_line *line;
	int r;

	while (!is_in(&submitter->lines[submitter->at]))
		submitter->at++;
	line = &submitter->lines[submitter->at++];
	r = entry_settle(gate, op->arg, op, &line->receipt, &problem);
	if (r < 0)
		gate_line_refuse(line, r, &problem);
	if (--submitter->left == 0)
		call_answer(submitter);
}
