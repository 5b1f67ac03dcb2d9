/* durability.h - what a job outlives before its client is told that it was accepted. */
#ifndef CORE_DURABILITY_H
#define CORE_DURABILITY_H

enum durability {
	DURABILITY_SYNC,    /* a power cut */
	DURABILITY_RELAXED, /* the process; a power cut a moment later */
	DURABILITIES
};

#define DURABILITY_WORDS "sync relaxed"

#endif
