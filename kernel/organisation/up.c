/*
 * The uniprocessor kernel: what all other organisations are compared with.
 */
#include "kernel/organisation/organisation.h"

static const struct organisation up = {
	.name = "up",
	.title = "uniprocessor",
	.category = "uniprocessor",
	.summary = "the uniprocessor kernel: the boot processor alone, and no lock",
	.processors = ORGANISATION_ONE,
};

ORGANISATION(20, up);
