/*
 * The tool's main work: copies of object files and archives, and the library to link them with.
 */
#ifndef LOPI_INSTRUMENT_FILES_H
#define LOPI_INSTRUMENT_FILES_H

#include "options.h"

/* Does what the command line says. Ends the tool if that cannot be done. */
void instrument_files(struct options *options);

#endif
