/*
 * What start-up keeps of the arguments.
 */
#ifndef CASTLE_LIB_PROGRAM_NAME_H
#define CASTLE_LIB_PROGRAM_NAME_H

/* argv[0]; null if the program was started without one. Lies where package.ld puts it. */
extern const char *__castle_program_path;

#endif
