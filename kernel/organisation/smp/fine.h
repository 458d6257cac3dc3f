/*
 * The fine-grained organisation, for others that are like it but for a thing or two: what it says
 * of locks, and how it starts.
 */
#ifndef KERNEL_ORGANISATION_SMP_FINE_H
#define KERNEL_ORGANISATION_SMP_FINE_H

#include "kernel/organisation/organisation.h"

extern const struct organisation fine;

#endif
