/*
 * Flame graphs: calling contexts as boxes upon each other, as wide as the cycles they took.
 */
#ifndef LOPI_FLAME_H
#define LOPI_FLAME_H

#include "stacks.h"

#include <stdio.h>

/* Writes the tree as an SVG picture. */
void flame_write(FILE *file, const struct result *result, const struct stack *root);

#endif
