/*
 * Programs that are scripts.
 */
#ifndef CASTLE_LIB_EXEC_SCRIPT_H
#define CASTLE_LIB_EXEC_SCRIPT_H

/*
 * If the file `path` begins with `#!` and an interpreter, the arguments to start that with, in
 * memory of the caller's to free; NULL if it does not, or memory is out.
 */
char **exec_script_arguments(const char *path, char *const argv[]);

#endif
