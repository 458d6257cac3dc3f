/*
 * lopi report: shows what a run collected.
 */
#ifndef LOPI_REPORT_H
#define LOPI_REPORT_H

/* The command, its name first. Returns the exit status. */
int report(int count, char **arguments);

#endif
