/*
 * newlib's <regex.h>, which supposes that off_t is known.
 */
#ifndef CASTLE_REGEX_H
#define CASTLE_REGEX_H

#include <sys/types.h>

#include_next <regex.h>

#endif
