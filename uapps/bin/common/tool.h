/*
 * What the small tools share: messages in the usual form, and walking over the files that arguments
 * name.
 */
#ifndef UAPPS_BIN_COMMON_TOOL_H
#define UAPPS_BIN_COMMON_TOOL_H

/* Prints "TOOL: NAME: reason of errno" to the standard error output. Always 1, for use as a status.
 */
int tool_error(const char *tool, const char *name);

/* Prints "usage: " and the text, and exits with status 2. */
__attribute__((noreturn)) void tool_usage(const char *text);

/* With `--help` as the only argument, shows what `man TOOL` does and exits. */
void tool_help(const char *tool, int argc, char **argv);

/* The same for a tool without arguments: exits with status 2 if there are any others. */
void tool_no_arguments(const char *tool, int argc, char **argv);

/* Copies /share/man/TOOL to the standard output; 0, or 1 if there is none. */
int tool_show_manual(const char *tool);

/*
 * Calls `operation` with a descriptor for each of the files named, or for the standard input when
 * none is; `-` means that, too. Returns 1 if any of it failed, else 0.
 */
int tool_for_each_file(const char *tool, char **names, int (*operation)(int fd, const char *name));

/* Writes all of it, whatever the pieces are that the kernel takes. 0, or -1 with errno. */
int tool_write_all(int fd, const char *bytes, unsigned size);

#endif
