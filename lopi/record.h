/*
 * lopi record: runs a command, which may build programs and run them, and gathers what they
 * collect.
 */
#ifndef LOPI_RECORD_H
#define LOPI_RECORD_H

/* The command, its name first. Returns the exit status. */
int record_command(int count, char **arguments);

#endif
