/*
 * The search for a program along PATH, which execvp() and posix_spawnp() share.
 */
#ifndef CASTLE_LIB_EXEC_SEARCH_H
#define CASTLE_LIB_EXEC_SEARCH_H

/*
 * Calls attempt(path, argument) for `file` itself if it has a slash, else for `file` in each folder
 * of PATH (default /bin) until it returns something other than ENOENT or ENOTDIR. Returns the last
 * result: 0 or an error number.
 */
int exec_search(const char *file, int (*attempt)(const char *path, void *argument), void *argument);

#endif
