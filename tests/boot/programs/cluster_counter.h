/*
 * What test_cluster and cluster_counter send each other, on different nodes.
 */
#ifndef CLUSTER_COUNTER_H
#define CLUSTER_COUNTER_H

#include <stdint.h>

#define COUNTER_PROGRAM "cluster_counter"

enum counter_kind { COUNTER_NUMBER = 1, COUNTER_ASK, COUNTER_ANSWER };

struct counter_answer {
	uint32_t came;     /* numbers so far */
	uint32_t disorder; /* that were not the one after the last */
	uint32_t start;    /* differs from one start of the process to the next */
};

#endif
